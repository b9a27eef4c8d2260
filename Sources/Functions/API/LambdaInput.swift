internal import Operations
internal import Wire

/// An operation's input: the members of path, query, headers and body together.
struct LambdaInput: Sendable {
    let operation: String
    let region: String
    let requestID: String
    /// Where the client reached this server.
    let host: String
    private let members: JSONValue

    /// Reads a request, and checks it against the model.
    ///
    /// - Throws: InvalidRequestContentException for a body that is no JSON, SerializationException
    ///   or ValidationException for what the model doesn't allow.
    init(_ request: RESTRequest, _ match: LambdaRoutes.Match) throws(ServiceError) {
        operation = match.operation
        region = request.context.region
        requestID = request.context.requestID
        host = request.context.host
        var members: [(String, JSONValue)] = []
        if request.method != "GET", !request.body.isEmpty {
            let body: JSONValue
            do throws(ServiceError) {
                body = try JSONValue(parsing: request.body)
            } catch {
                throw PayloadCheck.fault(request.body).map(PayloadCheck.error) ?? error
            }
            guard let given = body.members else {
                throw .serialization("Unexpected value type in payload")
            }
            members = given.filter { !$0.1.isNull }
        }
        for (name, value) in match.members {
            members.removeAll { $0.0 == name }
            members.append((name, LambdaModel.value(value, of: name, in: match.operation)))
        }
        for (name, value) in request.query {
            // The one name of the query that isn't the member's.
            if name == "tagKeys" {
                members = Self.appending(value, to: "TagKeys", in: members)
            } else if !members.contains(where: { $0.0 == name }) {
                members.append((name, LambdaModel.value(value, of: name, in: match.operation)))
            }
        }
        self.members = .object(members)
        try LambdaModel.check(match.operation, .object(members.compactMap(Self.modelled)))
    }

    /// A member as far as the service's model is to check it; nil: not at all.
    private static func modelled(_ name: String, _ value: JSONValue) -> (String, JSONValue)? {
        switch (name, value) {
        // The service tells another error than the model's for a runtime that isn't known.
        case ("Runtime", _): return nil
        // Files of this machine are destinations here alone.
        case ("DestinationConfig", .object(let kinds)):
            return (name, .object(kinds.filter { !isFile($0.1["Destination"]?.string) }))
        default: return (name, value)
        }
    }

    private static func isFile(_ destination: String?) -> Bool {
        guard let destination else { return false }
        return destination.hasPrefix("file:") && destination.utf16.count <= 350
    }

    private static func appending(
        _ value: String, to name: String, in members: [(String, JSONValue)]
    ) -> [(String, JSONValue)] {
        let before = members.first { $0.0 == name }?.1.elements ?? []
        return members.filter { $0.0 != name } + [(name, .array(before + [.string(value)]))]
    }

    subscript(name: String) -> JSONValue? { members[name] }

    func string(_ name: String) -> String? { members[name]?.string }
    func int(_ name: String) -> Int? { members[name]?.integer }
    func bool(_ name: String) -> Bool { members[name]?.bool ?? false }

    /// Names and texts of a map.
    func texts(_ name: String) -> [String: String]? { members[name]?.texts }

    /// The texts of a list.
    func list(_ name: String) -> [String]? { members[name]?.elements?.compactMap(\.string) }
}

extension JSONValue {
    /// Names and texts of an object whose values are texts.
    var texts: [String: String]? {
        guard let members else { return nil }
        var texts: [String: String] = [:]
        for (name, value) in members { texts[name] = value.string }
        return texts
    }

    /// The texts of an array.
    var list: [String]? { elements?.compactMap(\.string) }

    static func texts(_ values: [String: String]) -> JSONValue {
        .object(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }

    static func list(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
}

/// A page of a list.
struct LambdaPage {
    let start: String?
    let count: Int

    /// - Parameter max: the most that a page has, and how many it has where nothing is asked.
    init(_ input: LambdaInput, max: Int = 10_000, byDefault: Int = 50) throws(ServiceError) {
        count = min(input.int("MaxItems") ?? byDefault, max)
        if let marker = input.string("Marker"), !marker.isEmpty {
            guard let bytes = Base64.decoded(marker),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .invalidParameterValue("Invalid marker provided.") }
            start = text
        } else {
            start = nil
        }
    }

    /// An answer of the page's elements, and where the next page begins.
    ///
    /// - Parameters:
    ///   - name: of the member that holds the elements.
    ///   - elements: all of them, each with a key that the list is in order of.
    func answer(_ name: String, _ elements: [(key: String, value: JSONValue)]) -> RESTResponse {
        let rest = elements.drop { element in start.map { element.key <= $0 } ?? false }
        let page = rest.prefix(count)
        var members: [(String, JSONValue)] = []
        if page.count < rest.count, let last = page.last {
            members.append(("NextMarker", .string(Base64.encoded(Array(last.key.utf8)))))
        }
        members.append((name, .array(page.map(\.value))))
        return RESTResponse(json: .object(members))
    }

    /// A number as a key that sorts like it.
    static func key(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
    }
}
