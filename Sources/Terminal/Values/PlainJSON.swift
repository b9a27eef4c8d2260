internal import Items
package import Wire

/// Plain JSON and DynamoDB JSON: `{"id":"x","n":1}` and `{"id":{"S":"x"},"n":{"N":"1"}}`.
///
/// Strings, numbers (all 38 digits), booleans, null, lists and maps are JSON's own. What JSON has
/// no word for is written as DynamoDB writes it, an object of one member: a binary as
/// `{"B":"aGk="}`, sets as `{"SS":["a"]}`, `{"NS":[1]}`, `{"BS":["aGk="]}`. A map that happens to
/// look so is written `{"M":{…}}`, and read back so: nothing is lost either way.
package enum PlainJSON {
    private static let setAndBinaryTags: Set<String> = ["B", "SS", "NS", "BS", "M"]
    private static let tags: Set<String> = [
        "S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS",
    ]
    /// JSON's reader bounds the depth to more than the service takes; what is deeper is refused.
    private static let depthMax = 64

    // MARK: From plain

    /// The attribute value of a plain value: `1` is `{"N":"1"}`.
    package static func attributeValue(
        _ plain: JSONValue
    ) throws(ValueFault) -> JSONValue {
        try attributeValue(plain, depth: 0)
    }

    /// The item of a plain object, attribute by attribute.
    package static func item(
        _ plain: JSONValue
    ) throws(ValueFault) -> [(String, JSONValue)] {
        guard let members = plain.members else {
            throw ValueFault("an item is a JSON object like {\"id\": 1}")
        }
        var item: [(String, JSONValue)] = []
        for (name, value) in members {
            item.append((name, try attributeValue(value, depth: 0)))
        }
        return item
    }

    private static func attributeValue(
        _ plain: JSONValue, depth: Int
    ) throws(ValueFault) -> JSONValue {
        guard depth <= depthMax else { throw ValueFault("values are nested too deep") }
        switch plain {
        case .null: return tagged("NULL", .bool(true))
        case .bool(let flag): return tagged("BOOL", .bool(flag))
        case .number(let text): return tagged("N", .string(try number(text)))
        case .string(let text): return tagged("S", .string(text))
        case .array(let elements):
            var values: [JSONValue] = []
            for element in elements {
                values.append(try attributeValue(element, depth: depth + 1))
            }
            return tagged("L", .array(values))
        case .object(let members):
            if members.count == 1, setAndBinaryTags.contains(members[0].0) {
                if members[0].0 == "M", let inner = members[0].1.members {
                    return try map(inner, depth: depth + 1)
                }
                if let value = try special(members[0].0, members[0].1) { return value }
            }
            return try map(members, depth: depth + 1)
        }
    }

    private static func map(
        _ members: [(String, JSONValue)], depth: Int
    ) throws(ValueFault) -> JSONValue {
        var values: [(String, JSONValue)] = []
        for (name, value) in members {
            values.append((name, try attributeValue(value, depth: depth)))
        }
        return tagged("M", .object(values))
    }

    /// A binary or a set; nil where the value does not fit the tag, so that it is a map.
    private static func special(
        _ tag: String, _ value: JSONValue
    ) throws(ValueFault) -> JSONValue? {
        func isBase64(_ value: JSONValue) -> Bool {
            value.string.flatMap { Base64.decoded($0) } != nil
        }
        switch tag {
        case "B": return isBase64(value) ? tagged("B", value) : nil
        case "SS":
            guard let members = value.elements, !members.isEmpty,
                members.allSatisfy({ $0.string != nil })
            else { return nil }
            return tagged("SS", value)
        case "BS":
            guard let members = value.elements, !members.isEmpty, members.allSatisfy(isBase64)
            else { return nil }
            return tagged("BS", value)
        case "NS":
            guard let members = value.elements, !members.isEmpty else { return nil }
            var numbers: [JSONValue] = []
            for member in members {
                switch member {
                case .number(let text): numbers.append(.string(try number(text)))
                case .string(let text):
                    guard (try? DecimalNumber(text)) != nil else { return nil }
                    numbers.append(.string(text))
                default: return nil
                }
            }
            return tagged("NS", .array(numbers))
        default: return nil
        }
    }

    /// A number's text, checked: 38 digits, 1E-130 to 9.99E+125.
    private static func number(_ text: String) throws(ValueFault) -> String {
        do throws(NumberFault) {
            _ = try DecimalNumber(text)
            return text
        } catch {
            throw ValueFault("\(text): \(error.message)")
        }
    }

    private static func tagged(_ tag: String, _ value: JSONValue) -> JSONValue {
        .object([(tag, value)])
    }

    // MARK: To plain

    /// The plain value of an attribute value.
    ///
    /// What is no attribute value, as no endpoint should answer, stays as it is.
    package static func plain(_ value: JSONValue) -> JSONValue {
        guard let (tag, content) = value.members?.first else { return value }
        switch (tag, content) {
        case ("S", .string): return content
        case ("N", .string(let text)): return numeral(text)
        case ("BOOL", .bool): return content
        case ("NULL", _): return .null
        case ("L", .array(let elements)): return .array(elements.map(plain))
        case ("NS", .array(let elements)):
            return tagged("NS", .array(elements.map { numeral($0.string ?? "") }))
        case ("M", .object(let members)):
            let plainMembers = members.map { ($0.0, plain($0.1)) }
            let looksTagged = members.count == 1 && setAndBinaryTags.contains(members[0].0)
            return looksTagged ? tagged("M", .object(plainMembers)) : .object(plainMembers)
        default: return value
        }
    }

    /// The plain object of an item.
    package static func plain(item: [(String, JSONValue)]) -> JSONValue {
        .object(item.map { ($0.0, plain($0.1)) })
    }

    /// A number of an answer as JSON's; a string where it would be no JSON (`.5`, `+1`).
    private static func numeral(_ text: String) -> JSONValue {
        if case .number? = try? JSONValue(parsing: Array(text.utf8)) { return .number(text) }
        guard let number = try? DecimalNumber(text) else { return .string(text) }
        return .number(number.description)
    }

    // MARK: Telling them apart

    /// Whether an object is an item in DynamoDB JSON: each attribute a typed value.
    package static func isTyped(item: JSONValue) -> Bool {
        guard let members = item.members, !members.isEmpty else { return false }
        return members.allSatisfy { isTyped($0.1, depth: 0) }
    }

    private static func isTyped(_ value: JSONValue, depth: Int) -> Bool {
        guard depth <= depthMax, let members = value.members, members.count == 1,
            tags.contains(members[0].0)
        else { return false }
        switch (members[0].0, members[0].1) {
        case ("S", .string), ("N", .string), ("B", .string), ("BOOL", .bool), ("NULL", .bool):
            return true
        case ("L", .array(let elements)):
            return elements.allSatisfy { isTyped($0, depth: depth + 1) }
        case ("M", .object(let members)):
            return members.allSatisfy { isTyped($0.1, depth: depth + 1) }
        case ("SS", .array(let elements)), ("NS", .array(let elements)),
            ("BS", .array(let elements)):
            return elements.allSatisfy { $0.string != nil }
        default: return false
        }
    }
}

/// What is wrong with a value that somebody wrote, in a line.
package struct ValueFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
