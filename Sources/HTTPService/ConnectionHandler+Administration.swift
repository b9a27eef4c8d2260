import NIOCore
import NIOHTTP1
package import Operations
package import Wire

/// What a server lets its operator ask beside the service's API.
package struct AdministrationAccess: Sendable {
    package var handler: any AdministrationHandler
    /// What is there; anything else is as unknown as any other path.
    package var parts: Set<AdministrationCodec.Part>

    package init(handler: any AdministrationHandler, parts: Set<AdministrationCodec.Part>) {
        self.handler = handler
        self.parts = parts
    }
}

/// The administrative endpoint: the paths under `/_basalt/`.
extension ConnectionHandler {
    private static let json: StaticString = "application/json"

    /// Starts a request to the administrative endpoint.
    ///
    /// - Returns: false where there is no such path or method, or the operator didn't open it;
    ///   nothing is answered then.
    func startAdministration(
        _ method: HTTPMethod, _ head: RequestHead, body: ByteBuffer?
    ) -> Bool {
        guard let access = loop.administration,
            let part = AdministrationCodec.part(ofPath: head.path), access.parts.contains(part),
            method == .GET || method == .POST || method == .PUT
        else { return false }
        do throws(ServiceError) {
            let region = try operatorRegion(head, body: body)
            let unpacked = try decompressed(body, coding: head.contentCoding)
            let request = try decode(
                part, changes: method != .GET, region: region,
                query: QueryParameters(head.query).pairs, body: unpacked)
            administer(request, by: access.handler)
        } catch {
            answer(error, contentType: Self.json)
        }
        return true
    }

    /// The region of the request's credential, which must be right where the server verifies
    /// signatures and may be absent elsewhere.
    private func operatorRegion(
        _ head: RequestHead, body: ByteBuffer?
    ) throws(ServiceError) -> String {
        if loop.configuration.credentials.isEmpty, head.authorization == nil {
            return loop.configuration.defaultRegion
        }
        return try authenticate(head, body: body).region
    }

    private func decode(
        _ part: AdministrationCodec.Part, changes: Bool, region: String,
        query: [(name: String, value: String)], body: ByteBuffer?
    ) throws(ServiceError) -> AdministrationRequest {
        func decode(
            _ bytes: UnsafeRawBufferPointer
        ) -> Result<AdministrationRequest, ServiceError> {
            Result { () throws(ServiceError) in
                try AdministrationCodec.decode(
                    part, changes: changes, region: region, query: query, body: bytes)
            }
        }
        guard let body else {
            return try decode(UnsafeRawBufferPointer(start: nil, count: 0)).get()
        }
        return try body.withUnsafeReadableBytes(decode).get()
    }

    private func administer(
        _ request: AdministrationRequest, by handler: any AdministrationHandler
    ) {
        let completion = completion(of: Result<AdministrationResponse, ServiceError>.self) {
            $0.answer($1)
        }
        handler.administer(request, completion: completion)
    }

    private func answer(_ result: Result<AdministrationResponse, ServiceError>) {
        switch result {
        case .success(let response):
            loop.withBodyScratch { body in
                AdministrationCodec.encode(response, into: &body)
                body.withUnsafeBytes { answer($0, contentType: Self.json) }
            }
        case .failure(let error):
            answer(error, contentType: Self.json)
        }
    }
}
