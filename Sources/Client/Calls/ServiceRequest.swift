/// A request to a service, before it is signed.
package struct ServiceRequest: Sendable {
    package var service: Service
    package var method: String
    /// As it is sent, escapes and all; begins with a slash.
    package var path: String
    /// Names and values, not escaped.
    package var query: [(name: String, value: String)]
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Where it is signed for; nil: the client's own.
    package var region: String?
    /// The seconds in which the whole answer must be there: longer than a long poll waits.
    package var timeout: Double
    /// The most bytes that the answer may have.
    package var responseBytesMax = ServiceRequest.responseBytesMax

    /// The most bytes of any answer but an object's.
    package static let responseBytesMax = 16 << 20

    package init(
        _ service: Service, method: String = "POST", path: String = "/",
        query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = [], timeout: Double = 60
    ) {
        self.service = service
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// What a service answered.
package struct ServiceResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whose name counts in any case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}
