import NIOHTTP1
import Operations
import Wire

/// A request's signature as its headers or its query give it (Signature Version 4), unverified.
struct Signature {
    /// `accessKey/date/region/service/aws4_request`, unparsed.
    var credential: Substring
    /// Header names, separated by semicolons, as the client wrote them.
    var signedHeaders: Substring
    /// Hexadecimal, lower-case from every known client.
    var signature: Substring
    /// Whether the query carries it (a presigned URL).
    var isPresigned: Bool
}

extension Signature {
    /// Reads the `Authorization` header or the presigned query of a request.
    ///
    /// - Parameter requiresDate: whether a missing date is a fault by itself: it isn't where
    ///   nothing is verified, since only the signature needs it.
    /// - Throws: what the service answers to a request without, with a broken or with two
    ///   signatures.
    static func read(
        _ head: RequestHead, requiresDate: Bool
    ) throws(ServiceError) -> Signature {
        let query = head.query
        let isPresigned =
            !query.isEmpty && query.contains("X-Amz-Algorithm")
            && QueryParameters(query).value("X-Amz-Algorithm") != nil
        guard let authorization = head.authorization else {
            guard isPresigned else { throw .missingAuthenticationToken }
            return try read(QueryParameters(query))
        }
        guard !isPresigned else {
            throw .invalidSignature(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' "
                    + "as HTTP header.")
        }
        return try read(authorization, head: head, requiresDate: requiresDate)
    }

    private static func read(
        _ authorization: String, head: RequestHead, requiresDate: Bool
    ) throws(ServiceError) -> Signature {
        let scheme = RequestHead.trimmed(authorization[...])
        guard scheme.utf8.after("AWS4-") != nil else { throw .missingAuthenticationToken }
        var credential: Substring?
        var signature: Substring?
        var signedHeaders: Substring?
        // Commas with, without or instead of spaces all separate.
        let separators: (UInt8) -> Bool = { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ")
        }
        for field in authorization.utf8.split(whereSeparator: separators) {
            // What is empty counts as absent.
            if let value = field.after("Credential=") {
                credential = value.isEmpty ? nil : value
            } else if let value = field.after("SignedHeaders=") {
                signedHeaders = value.isEmpty ? nil : value
            } else if let value = field.after("Signature=") {
                signature = value.isEmpty ? nil : value
            }
        }
        func hasDate() -> Bool {
            head.raw.headers.contains(name: "x-amz-date") || head.raw.headers.contains(name: "date")
        }
        guard let credential, let signature, let signedHeaders, !requiresDate || hasDate() else {
            throw .incompleteAuthorization(
                authorization, lacksCredential: credential == nil,
                lacksSignature: signature == nil, lacksSignedHeaders: signedHeaders == nil,
                lacksDate: !hasDate())
        }
        return Signature(
            credential: credential, signedHeaders: signedHeaders, signature: signature,
            isPresigned: false)
    }

    private static func read(_ query: QueryParameters) throws(ServiceError) -> Signature {
        var message = ""
        for name in [
            "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders",
            "X-Amz-Date",
        ] where query.value(name)?.isEmpty ?? true {
            message += "AWS query-string parameters must include '\(name)'. "
        }
        guard message.isEmpty, let credential = query.value("X-Amz-Credential"),
            let signedHeaders = query.value("X-Amz-SignedHeaders"),
            let signature = query.value("X-Amz-Signature")
        else {
            throw .incompleteSignature(message + "Re-examine the query-string parameters.")
        }
        return Signature(
            credential: credential[...], signedHeaders: signedHeaders[...],
            signature: signature[...], isPresigned: true)
    }
}

/// Who signed, for which day, region and service: the credential of a signature.
struct CredentialScope: Equatable {
    var accessKeyID: String
    var date: String
    var region: String
    var service: String
    var terminator: String

    /// Splits `accessKey/date/region/service/aws4_request`.
    init(_ credential: Substring) throws(ServiceError) {
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, !parts[0].isEmpty else {
            throw .incompleteSignature(
                "Credential must have exactly 5 slash-delimited elements, "
                    + "e.g. keyid/date/region/service/term, got '\(credential)'")
        }
        accessKeyID = String(parts[0])
        date = String(parts[1])
        region = String(parts[2])
        service = String(parts[3])
        terminator = String(parts[4])
    }

    /// The scope without the key, as the string to sign has it.
    var scope: String { "\(date)/\(region)/\(service)/\(terminator)" }
}

/// The decoded names and values of a query string.
struct QueryParameters {
    private(set) var pairs: [(name: String, value: String)] = []

    init(_ query: Substring) {
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let value = pair.dropFirst(name.count + 1)
            pairs.append((Self.decoded(name), Self.decoded(value)))
        }
    }

    /// The first value of a name.
    func value(_ name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// Percent escapes and `+` resolved; a broken escape stays as it is.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let high = Hexadecimal.value(source[index + 1]),
                let low = Hexadecimal.value(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(
                    source[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Substring.UTF8View {
    /// What follows an ASCII prefix; nil where the text does not begin with it.
    ///
    /// By bytes: `hasPrefix` compares characters, which costs a microsecond a request here.
    fileprivate func after(_ prefix: StaticString) -> Substring? {
        var index = startIndex
        for offset in 0..<prefix.utf8CodeUnitCount {
            guard index < endIndex, self[index] == prefix.utf8Start[offset] else { return nil }
            index = self.index(after: index)
        }
        return Substring(self[index...])
    }
}
