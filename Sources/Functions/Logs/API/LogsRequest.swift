internal import Operations
internal import Wire

/// The body of a request: reads its members and collects what breaks the model's constraints.
///
/// Read everything first, then `check`, then use what was read.
struct LogsRequest {
    private let body: JSONValue
    private var violations: [String] = []
    let region: String

    /// - Throws: SerializationException for what is no JSON object.
    init(_ bytes: [UInt8], region: String) throws(ServiceError) {
        let body = try JSONValue(parsing: bytes.isEmpty ? Array("{}".utf8) : bytes)
        guard body.members != nil else { throw .serialization(nil) }
        self.body = body
        self.region = region
    }

    /// - Throws: InvalidParameterException with everything that was found.
    func check() throws(ServiceError) {
        guard !violations.isEmpty else { return }
        let noun = violations.count == 1 ? "error" : "errors"
        throw .invalidParameter(
            "\(violations.count) validation \(noun) detected: "
                + violations.joined(separator: "; "))
    }

    /// Which characters a text may have.
    enum Characters {
        case any
        case groupName
        case streamName
        case identifier

        fileprivate var pattern: String {
            switch self {
            case .any: ".*"
            case .groupName: "[\\.\\-_/#A-Za-z0-9]+"
            case .streamName: "[^:*]*"
            case .identifier: "[\\w#+=/:,.@-]*"
            }
        }

        fileprivate func allows(_ text: String) -> Bool {
            func isWord(_ byte: UInt8, or others: String) -> Bool {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                    true
                default: others.utf8.contains(byte)
                }
            }
            return switch self {
            case .any: true
            case .groupName: text.utf8.allSatisfy { isWord($0, or: ".-/#") }
            case .streamName: !text.utf8.contains { $0 == 0x3A || $0 == 0x2A }
            case .identifier: text.utf8.allSatisfy { isWord($0, or: "#+=/:,.@-") }
            }
        }
    }

    // MARK: Members

    private func present(_ name: String) -> JSONValue? {
        body[name].flatMap { $0.isNull ? nil : $0 }
    }

    func has(_ name: String) -> Bool { present(name) != nil }

    private mutating func report(_ value: String, _ name: String, _ text: String) {
        violations.append("Value \(value) at '\(name)' failed to satisfy constraint: \(text)")
    }

    mutating func requireMember(_ name: String) {
        if !has(name) { report("null", name, "Member must not be null") }
    }

    /// A text; an empty one where there was a fault.
    mutating func text(
        _ name: String, length: ClosedRange<Int> = 1...512, _ characters: Characters = .any
    ) throws(ServiceError) -> String? {
        guard let value = present(name) else { return nil }
        guard let text = value.string else { throw .serialization(nil) }
        check(text, name, length: length, characters)
        return text
    }

    mutating func requiredText(
        _ name: String, length: ClosedRange<Int> = 1...512, _ characters: Characters = .any
    ) throws(ServiceError) -> String {
        requireMember(name)
        return try text(name, length: length, characters) ?? ""
    }

    private mutating func check(
        _ text: String, _ name: String, length: ClosedRange<Int>, _ characters: Characters
    ) {
        let count = text.unicodeScalars.count
        if count < length.lowerBound {
            report(
                "'\(text)'", name,
                "Member must have length greater than or equal to \(length.lowerBound)")
        }
        if count > length.upperBound {
            report(
                "'\(text)'", name,
                "Member must have length less than or equal to \(length.upperBound)")
        }
        if !characters.allows(text) || (characters == .groupName && text.isEmpty) {
            report(
                "'\(text)'", name,
                "Member must satisfy regular expression pattern: \(characters.pattern)")
        }
    }

    mutating func choice(_ name: String, _ choices: [String]) throws(ServiceError) -> String? {
        guard let value = present(name) else { return nil }
        guard let text = value.string else { throw .serialization(nil) }
        if !choices.contains(text) {
            report(
                "'\(text)'", name,
                "Member must satisfy enum value set: [\(choices.joined(separator: ", "))]")
        }
        return text
    }

    mutating func integer(
        _ name: String, _ range: ClosedRange<Int> = 0...(.max)
    ) throws(ServiceError) -> Int? {
        guard let value = present(name) else { return nil }
        guard let number = value.integer else { throw .serialization(nil) }
        if number < range.lowerBound {
            report(
                "'\(number)'", name,
                "Member must have value greater than or equal to \(range.lowerBound)")
        }
        if number > range.upperBound {
            report(
                "'\(number)'", name,
                "Member must have value less than or equal to \(range.upperBound)")
        }
        return number
    }

    func flag(_ name: String) throws(ServiceError) -> Bool? {
        guard let value = present(name) else { return nil }
        guard let flag = value.bool else { throw .serialization(nil) }
        return flag
    }

    /// A list of objects or texts; its length is checked.
    mutating func list(
        _ name: String, count: ClosedRange<Int>
    ) throws(ServiceError) -> [JSONValue]? {
        guard let value = present(name) else { return nil }
        guard let elements = value.elements else { throw .serialization(nil) }
        checkCount(elements.count, name, count)
        return elements
    }

    mutating func texts(
        _ name: String, count: ClosedRange<Int>
    ) throws(ServiceError) -> [String]? {
        guard let elements = try list(name, count: count) else { return nil }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string else { throw .serialization(nil) }
            texts.append(text)
        }
        return texts
    }

    /// Tags: names of 1 to 128 characters with values of at most 256.
    mutating func tags(_ name: String) throws(ServiceError) -> [String: String]? {
        guard let value = present(name) else { return nil }
        guard let members = value.members else { throw .serialization(nil) }
        checkCount(members.count, name, 1...50)
        var tags: [String: String] = [:]
        for (key, value) in members {
            guard let text = value.string else { throw .serialization(nil) }
            if key.isEmpty || key.unicodeScalars.count > 128 {
                report(
                    "'\(key)'", name,
                    "Map keys must satisfy constraint: [Member must have length less than or "
                        + "equal to 128, Member must have length greater than or equal to 1]")
            }
            if text.unicodeScalars.count > 256 {
                report(
                    "'\(text)'", name,
                    "Map value must satisfy constraint: [Member must have length less than or "
                        + "equal to 256, Member must have length greater than or equal to 0]")
            }
            tags[key] = text
        }
        return tags
    }

    private mutating func checkCount(_ count: Int, _ name: String, _ range: ClosedRange<Int>) {
        if count < range.lowerBound {
            report(
                "'[]'", name,
                "Member must have length greater than or equal to \(range.lowerBound)")
        }
        if count > range.upperBound {
            report(
                "'[…]'", name, "Member must have length less than or equal to \(range.upperBound)")
        }
    }

    // MARK: Groups

    mutating func groupName() throws(ServiceError) -> LogGroupName {
        LogGroupName(
            region: region, name: try requiredText("logGroupName", .groupName))
    }

    /// The group that logGroupName, or logGroupIdentifier (a name or an ARN), names; checks what
    /// was read so far.
    mutating func identifiedGroup() throws(ServiceError) -> LogGroupName {
        let name = try text("logGroupName", .groupName)
        let identifier = try text("logGroupIdentifier", length: 1...2_048, .identifier)
        switch (name, identifier) {
        case (let name?, nil): return LogGroupName(region: region, name: name)
        case (nil, let identifier?):
            return try LogGroupName(identifier: identifier, region: region)
        case (nil, nil):
            throw .invalidParameter(
                "Exactly one of logGroupName and logGroupIdentifier must be specified.")
        case (.some, .some):
            throw .invalidParameter(
                "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
        }
    }
}

extension LogGroupName {
    /// The group that an ARN names, `arn:aws:logs:us-east-1:000000000000:log-group:NAME`, with or
    /// without `:*`; or that a name names.
    init(identifier: String, region: String) throws(ServiceError) {
        guard identifier.hasPrefix("arn:") else {
            self.init(region: region, name: identifier)
            return
        }
        let arn = ResourceARN(identifier)
        var parts = arn?.resourceParts ?? []
        if parts.count == 3, parts[2] == "*" { parts.removeLast() }
        guard let arn, arn.service == "logs", parts.count == 2, parts[0] == "log-group",
            !parts[1].isEmpty
        else { throw .invalidParameter("The specified ARN is not valid: \(identifier)") }
        self.init(region: arn.region, name: parts[1])
    }

    /// The ARN without `:*`.
    func arn(accountID: String) -> String {
        "arn:aws:logs:\(region):\(accountID):log-group:\(name)"
    }
}
