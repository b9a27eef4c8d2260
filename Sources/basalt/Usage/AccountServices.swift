import AccountBook
import Engine
import Logging
import Metering
import Operations
import Storage
import Wire

/// The account book, put together: who counts for clients, and the API that tells.
struct AccountServices {
    private let book: AccountBook
    private let prices: PriceList

    init(engine: Engine, store: any KeyValueStore, settings: ServeConfiguration) throws {
        prices = try settings.priceList()
        book = try AccountBook(
            store: store, directory: engine, clock: engine.serviceClock,
            livePath: settings.inMemory ? nil : settings.dataDirectory + "/usage.live",
            outlivesPowerCuts: settings.durability == .fsync,
            logger: Logger(label: "basalt.usage"))
    }

    /// The same operations, booked.
    func metering(_ operations: any OperationHandler) -> any OperationHandler {
        MeteredOperations(operations, book: book)
    }

    /// The same administration; what stood while the clock was moved on is booked.
    func metering(_ administration: any AdministrationHandler) -> any AdministrationHandler {
        MeteredAdministration(administration, book: book)
    }

    /// - Parameter mappings: how far event source mappings are behind their streams.
    func api(mappings: @escaping @Sendable () -> [MappingAge]) -> any RESTHandler {
        UsageAPI(book, prices: prices, mappings: mappings)
    }

    func start() { book.start() }

    /// Ends it, everything being in the store; called when nobody is answered any longer.
    func stop() { book.stop() }
}

extension ServeConfiguration {
    /// The prices of `--prices`, or those that the program knows.
    fileprivate func priceList() throws(ConfigurationError) -> PriceList {
        guard let prices else { return .current }
        return try PriceFile.read(prices).list
    }
}

/// A file of prices.
struct PriceFile {
    let list: PriceList
    /// As it was read.
    let bytes: [UInt8]

    static func read(_ path: String) throws(ConfigurationError) -> PriceFile {
        let bytes = try TextFile.bytes(path, max: 1 << 20)
        do throws(PriceFault) {
            return PriceFile(list: try PriceList(json: bytes), bytes: bytes)
        } catch {
            throw ConfigurationError("\(path): \(error.description)")
        }
    }
}
