internal import Dispatch
package import Metering
internal import Operations
package import Wire

/// The account book over HTTP, for `basalt usage`, `basalt top` and whatever reads Prometheus.
///
///     GET  /_basalt/usage?table=orders&since=1h&by=operation&what-if=provisioned
///     POST /_basalt/usage?…      the same, priced by the price list in the body
///     GET  /_basalt/usage/now    what was counted since the server started
///     GET  /metrics
package struct UsageAPI: RESTHandler {
    private static let path = "/_basalt/usage"
    private static let livePath = "/_basalt/usage/now"
    private static let metricsPath = "/metrics"

    private let book: AccountBook
    private let prices: PriceList
    private let mappings: @Sendable () -> [MappingAge]

    /// - Parameter mappings: how far the mappings are behind their streams.
    package init(
        _ book: AccountBook, prices: PriceList,
        mappings: @escaping @Sendable () -> [MappingAge] = { [] }
    ) {
        self.book = book
        self.prices = prices
        self.mappings = mappings
    }

    package func access(method: String, path: Substring) -> RESTAccess? {
        switch path {
        case "/_basalt/usage": method == "GET" || method == "POST" ? .signed : nil
        case "/_basalt/usage/now": method == "GET" ? .signed : nil
        // What scrapes metrics cannot sign.
        case "/metrics": method == "GET" ? .open : nil
        default: nil
        }
    }

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        // Reading may wait for the device, and for the counts that move into the store meanwhile.
        book.read {
            do throws(ServiceError) {
                completion(try answer(request))
            } catch {
                completion(RESTResponse(error))
            }
        }
    }

    private func answer(_ request: RESTRequest) throws(ServiceError) -> RESTResponse {
        switch request.path {
        case Self.metricsPath:
            let text = MetricsText(book.liveCounts(), mappings: mappings()).text
            return RESTResponse(
                contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
        case Self.livePath: return RESTResponse(json: book.liveCounts().json)
        default: break
        }
        let query = try UsageQuery(parameters: request.query, now: book.clock.now())
        var prices = prices
        if request.method == "POST", !request.body.isEmpty {
            do throws(PriceFault) {
                prices = try PriceList(json: request.body)
            } catch {
                throw .validation("The price list: \(error.description)")
            }
        }
        let ledger: UsageLedger
        do {
            ledger = try book.ledger(query)
        } catch let fault as ServiceError {
            throw fault
        } catch {
            throw .internalServerError("The account book cannot be read: \(error)")
        }
        return RESTResponse(json: try UsageReport(query, ledger, prices: prices).json)
    }
}

/// How far an event source mapping is behind its stream.
package struct MappingAge: Sendable {
    package var functionName: String
    package var eventSource: String
    package var milliseconds: Double

    package init(functionName: String, eventSource: String, milliseconds: Double) {
        self.functionName = functionName
        self.eventSource = eventSource
        self.milliseconds = milliseconds
    }
}

extension AccountBook {
    /// Runs a reading on the book's own thread.
    func read(_ body: @escaping @Sendable () -> Void) { thread.async(execute: body) }
}
