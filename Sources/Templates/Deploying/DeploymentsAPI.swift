internal import Dispatch
internal import Operations
package import Storage
package import Wire

/// What stacks own, kept for whoever deploys: `GET`, `PUT` and `DELETE /_basalt/deployments/STACK`.
///
/// `GET /_basalt/deployments` tells the stacks' names and the account. A stack belongs to the
/// region that requests are signed for. Documents are kept as they come.
package struct DeploymentsAPI: RESTHandler {
    private static let path = "/_basalt/deployments"
    private static let documentByteCountMax = 16 << 20

    private let records: RecordStore
    private let accountID: String
    private let queue = DispatchQueue(label: "basalt.deployments")

    package init(records: RecordStore, accountID: String) {
        self.records = records
        self.accountID = accountID
    }

    package func access(method: String, path: Substring) -> RESTAccess? {
        path == Self.path || path.hasPrefix(Self.path + "/") ? .signed : nil
    }

    package func bodyBytesMax(path: Substring) -> Int { Self.documentByteCountMax }

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        queue.async {
            do throws(ServiceError) {
                try self.answer(request, completion)
            } catch {
                completion(RESTResponse(error))
            }
        }
    }

    private func answer(
        _ request: RESTRequest, _ completion: @escaping @Sendable (RESTResponse) -> Void
    ) throws(ServiceError) {
        let segments = request.segments
        let region = request.context.region
        guard segments.count > 2 else {
            guard request.method == "GET" else { throw Self.unknown }
            completion(RESTResponse(json: try list(region: region)))
            return
        }
        let name = segments[2]
        guard segments.count == 3, PhysicalName.isStackName(name) else {
            throw .validation(
                "'\(segments.dropFirst(2).joined(separator: "/"))' is no stack's name")
        }
        let key = Array("\(region)/\(name)".utf8)
        switch request.method {
        case "GET":
            guard let document = try stored({ () throws(StorageError) in try records.get(key) })
            else { throw Self.notFound(name) }
            completion(RESTResponse(body: document))
        case "PUT":
            let document = try JSONValue(parsing: request.body)
            guard document.members != nil else { throw .serialization(nil) }
            write([(key, document.encoded)], completion)
        case "DELETE":
            guard try stored({ () throws(StorageError) in try records.get(key) }) != nil else {
                throw Self.notFound(name)
            }
            write([(key, nil)], completion)
        default: throw Self.unknown
        }
    }

    private func list(region: String) throws(ServiceError) -> JSONValue {
        let prefix = "\(region)/"
        let found = try stored { () throws(StorageError) in try records.records(prefix: prefix) }
        let names = found.map { record in
            JSONValue.string(
                String(decoding: record.key.dropFirst(prefix.utf8.count), as: UTF8.self))
        }
        return .object([("AccountId", .string(accountID)), ("Deployments", .array(names))])
    }

    private func write(
        _ changes: [(key: [UInt8], value: [UInt8]?)],
        _ completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        records.write(changes) { result in
            switch result {
            case .success: completion(RESTResponse(json: .object([])))
            case .failure(let error):
                completion(RESTResponse(.internalServerError("\(error)")))
            }
        }
    }

    private func stored<Result>(
        _ work: () throws(StorageError) -> Result
    ) throws(ServiceError) -> Result {
        do throws(StorageError) {
            return try work()
        } catch {
            throw .internalServerError("\(error)")
        }
    }

    private static let unknown = ServiceError(
        "UnknownOperationException", "deployments take GET, PUT and DELETE", namespace: .rest,
        status: 405)

    private static func notFound(_ name: String) -> ServiceError {
        ServiceError(
            "ResourceNotFoundException", "nothing was deployed as \(name)", namespace: .rest,
            status: 404)
    }
}
