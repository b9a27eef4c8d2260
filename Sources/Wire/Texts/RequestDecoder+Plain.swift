package import Items
internal import Operations

/// Plain JSON that is an item, and back, without loss.
///
/// Strings, numbers, booleans, null, arrays and objects are S, N, BOOL, NULL, L and M. What plain
/// JSON lacks is written as DynamoDB JSON writes it: `{"B": "base64"}`, `{"SS": ["a"]}`,
/// `{"NS": [1]}`, `{"BS": ["base64"]}`; and a map that would look like one of these is written
/// as `{"M": {…}}`. Reading takes an object of one member for these only where the member's value
/// has the right shape, so that most other objects are maps all the same.
package enum PlainValues {
    /// The names of single members that mean a type.
    static func isTypeName(_ name: some BidirectionalCollection<UInt8>) -> Bool {
        switch name.count {
        case 1:
            name.first == UInt8(ascii: "B") || name.first == UInt8(ascii: "M")
        case 2:
            name.last == UInt8(ascii: "S")
                && (name.first == UInt8(ascii: "S") || name.first == UInt8(ascii: "N")
                    || name.first == UInt8(ascii: "B"))
        default: false
        }
    }

    /// The value that a tree of plain JSON is.
    ///
    /// - Throws: a fault for numbers that DynamoDB doesn't have, and what is nested too deep.
    package static func value(_ tree: JSONValue) throws(TextFault) -> ItemValue {
        var encoder = ItemEncoder(capacity: 64)
        do throws(PlainFault) {
            try encoder.plain(tree, depth: 0)
        } catch {
            throw TextFault(error.message)
        }
        return encoder.finishValue()
    }
}

/// A fault of a value within plain JSON.
private struct PlainFault: Error {
    let message: String

    static let duplicates = PlainFault(message: "Input collection contains duplicates")
    static let nesting = PlainFault(message: "Nesting Levels have exceeded supported limits")
}

extension RequestDecoder {
    /// Reads an object of plain JSON as an item; where a value has a fault, the item is empty.
    mutating func plainItem(
        types: [(name: [UInt8], type: ScalarAttributeType)]
    ) throws(JSONFault) -> (item: ItemBytes, fault: String?) {
        fault = nil
        var encoder = ItemEncoder()
        encoder.beginItem()
        var count = 0
        var isFirst = true
        let mark = names.begin()
        try reader.beginObject()
        while let name = try reader.nextMember(&isFirst) {
            guard names.insert(name, mark: mark) else {
                let text = String(decoding: name, as: UTF8.self)
                return (ItemBytes(), "the attribute \(text) is there twice")
            }
            encoder.name(name)
            if let type = types.first(where: { $0.name.elementsEqual(name) })?.type {
                try plainScalar(type, into: &encoder)
            } else {
                try plainValue(into: &encoder)
            }
            count += 1
        }
        names.end(mark: mark)
        if let fault { return (ItemBytes(), fault) }
        return (encoder.finishItem(count: count), nil)
    }

    private mutating func notePlain(_ message: @autoclosure () -> String) {
        if fault == nil { fault = message() }
    }

    /// Reads the value of an attribute that must have a type: a key's.
    private mutating func plainScalar(
        _ type: ScalarAttributeType, into encoder: inout ItemEncoder
    ) throws(JSONFault) {
        let kind = try reader.kind()
        switch (type, kind) {
        case (.string, .string), (.number, .number): try plainValue(into: &encoder)
        case (.string, .number): encoder.string(try reader.number())
        case (.number, .string): try plainNumber(try reader.string(), into: &encoder)
        case (.binary, .string):
            binary.removeAll(keepingCapacity: true)
            if !Base64.decode(try reader.string(), into: &binary) {
                notePlain("a binary key must be base64")
            }
            encoder.binary(binary)
        // Whether an object is a binary, and what the server says to anything else, comes later.
        default: try plainValue(into: &encoder)
        }
    }

    private mutating func plainNumber(
        _ text: JSONText, into encoder: inout ItemEncoder
    ) throws(JSONFault) {
        do throws(NumberFault) {
            try encoder.number(text: text)
        } catch {
            notePlain(error.message)
        }
    }

    private mutating func plainValue(into encoder: inout ItemEncoder) throws(JSONFault) {
        switch try reader.kind() {
        case .null:
            _ = try reader.isNull()
            encoder.null()
        case .bool: encoder.bool(try reader.bool())
        case .string: encoder.string(try reader.string())
        case .number: try plainNumber(try reader.number(), into: &encoder)
        case .array:
            nestPlain()
            var count = 0
            var isFirst = true
            let mark = encoder.beginContainer(.list)
            try reader.beginArray()
            while try reader.nextElement(&isFirst) {
                try plainValue(into: &encoder)
                count += 1
            }
            encoder.endContainer(mark, count: count)
            nestingDepth -= 1
        case .object: try plainObject(into: &encoder)
        }
    }

    private mutating func plainObject(into encoder: inout ItemEncoder) throws(JSONFault) {
        var isFirst = true
        var count = 0
        try reader.beginObject()
        let mark = names.begin()
        nestPlain()
        defer { nestingDepth -= 1 }
        guard var name = try reader.nextMember(&isFirst) else {
            encoder.endContainer(encoder.beginContainer(.map), count: 0)
            return
        }
        let container: Int
        if PlainValues.isTypeName(name) {
            // Whether it means a type shows only when it has been read.
            let value = try JSONValue(reading: &reader)
            let next = try reader.nextMember(&isFirst)
            if next == nil {
                plain(.object([(String(decoding: name, as: UTF8.self), value)]), into: &encoder)
                return
            }
            container = encoder.beginContainer(.map)
            _ = names.insert(name, mark: mark)
            encoder.name(name)
            plain(value, into: &encoder)
            count = 1
            guard let next else { return }
            name = next
        } else {
            container = encoder.beginContainer(.map)
        }
        while true {
            guard names.insert(name, mark: mark) else { throw .unexpected }
            encoder.name(name)
            try plainValue(into: &encoder)
            count += 1
            guard let next = try reader.nextMember(&isFirst) else { break }
            name = next
        }
        names.end(mark: mark)
        encoder.endContainer(container, count: count)
    }

    private mutating func plain(_ tree: JSONValue, into encoder: inout ItemEncoder) {
        do throws(PlainFault) {
            try encoder.plain(tree, depth: nestingDepth)
        } catch {
            notePlain(error.message)
        }
    }

    private mutating func nestPlain() {
        nestingDepth += 1
        if nestingDepth > Limits.nestingDepthMax { notePlain(PlainFault.nesting.message) }
    }
}

extension ItemEncoder {
    /// Writes a tree of plain JSON; after a fault the encoder is of no use.
    fileprivate mutating func plain(_ tree: JSONValue, depth: Int) throws(PlainFault) {
        guard depth <= Limits.nestingDepthMax else { throw .nesting }
        switch tree {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .string(let text): string(text)
        case .number(let text): number(try Self.number(text))
        case .array(let elements):
            let mark = beginContainer(.list)
            for element in elements { try plain(element, depth: depth + 1) }
            endContainer(mark, count: elements.count)
        case .object(let members):
            if members.count == 1, let (name, value) = members.first,
                try typed(name, value, depth: depth)
            {
                return
            }
            try map(members, depth: depth)
        }
    }

    private mutating func map(
        _ members: [(String, JSONValue)], depth: Int
    ) throws(PlainFault) {
        let mark = beginContainer(.map)
        for (name, value) in members {
            self.name(name.utf8)
            try plain(value, depth: depth + 1)
        }
        endContainer(mark, count: members.count)
    }

    /// Writes what an object of one member means as a type; false (and nothing written) where it
    /// means none.
    private mutating func typed(
        _ name: String, _ value: JSONValue, depth: Int
    ) throws(PlainFault) -> Bool {
        switch name {
        case "B":
            guard let bytes = value.string.flatMap(Base64.decoded) else { return false }
            binary(bytes)
        case "M":
            guard let members = value.members else { return false }
            try map(members, depth: depth)
        case "SS":
            // By bytes: Swift's strings count canonically equivalent ones as equal.
            guard let members = Self.members(value, { $0.string.map { Array($0.utf8) } }) else {
                return false
            }
            guard Set(members).count == members.count else { throw .duplicates }
            let mark = beginContainer(.stringSet)
            for member in members { setMember(member) }
            endContainer(mark, count: members.count)
        case "NS":
            let texts = Self.members(value) { element -> String? in
                if case .number(let text) = element { text } else { element.string }
            }
            guard let texts else { return false }
            var numbers: [DecimalNumber] = []
            for text in texts {
                guard let number = try? DecimalNumber(text) else { return false }
                numbers.append(number)
            }
            guard Set(numbers).count == numbers.count else { throw .duplicates }
            let mark = beginContainer(.numberSet)
            for number in numbers { numberSetMember(number) }
            endContainer(mark, count: numbers.count)
        case "BS":
            guard let members = Self.members(value, { $0.string.flatMap(Base64.decoded) }) else {
                return false
            }
            guard Set(members).count == members.count else { throw .duplicates }
            let mark = beginContainer(.binarySet)
            for member in members { setMember(member) }
            endContainer(mark, count: members.count)
        default: return false
        }
        return true
    }

    /// The members of a set; nil where one isn't what it must be, or there is none.
    private static func members<Member>(
        _ value: JSONValue, _ member: (JSONValue) -> Member?
    ) -> [Member]? {
        guard let elements = value.elements, !elements.isEmpty else { return nil }
        let members = elements.compactMap(member)
        return members.count == elements.count ? members : nil
    }

    private static func number(_ text: String) throws(PlainFault) -> DecimalNumber {
        do throws(NumberFault) {
            return try DecimalNumber(text)
        } catch {
            throw PlainFault(message: error.message)
        }
    }
}
