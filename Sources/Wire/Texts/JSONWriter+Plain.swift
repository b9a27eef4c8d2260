package import Items

extension JSONWriter {
    /// An item as plain JSON, as `PlainValues` tells.
    package mutating func plainItem(_ item: ItemBytes) {
        beginObject()
        item.forEachAttribute { name, value in
            plainName(item.bytes[name])
            plainValue(value)
        }
        endObject()
    }

    /// One value as plain JSON.
    package mutating func plainValue(_ value: ItemValue) {
        switch value.tag {
        case .string: value.scalar.withUnsafeBufferPointer { string(utf8: $0) }
        case .number: plainNumber(value.scalar)
        case .boolFalse: bool(false)
        case .boolTrue: bool(true)
        case .null: null()
        case .list:
            beginArray()
            for value in value.elements {
                element()
                plainValue(value)
            }
            endArray()
        case .map: plainMap(value)
        case .binary:
            literal("{\"B\":")
            plainBinary(value.scalar)
            literal("}")
        case .stringSet, .numberSet, .binarySet:
            beginObject()
            name(value.tag.descriptor)
            plainSetMembers(value)
            endObject()
        }
    }

    /// The members of a set as an array: of numbers, or of strings.
    package mutating func plainSetMembers(_ value: ItemValue) {
        beginArray()
        for member in value.setMembers {
            element()
            switch value.tag {
            case .numberSet: plainNumber(member)
            case .binarySet: plainBinary(member)
            default: member.withUnsafeBufferPointer { string(utf8: $0) }
            }
        }
        endArray()
    }

    private mutating func plainMap(_ value: ItemValue) {
        var needsType = false
        if value.count == 1 {
            value.forEachMember { name, _ in
                needsType = PlainValues.isTypeName(value.bytes[name])
            }
        }
        if needsType { literal("{\"M\":") }
        beginObject()
        value.forEachMember { name, member in
            plainName(value.bytes[name])
            plainValue(member)
        }
        endObject()
        if needsType { literal("}") }
    }

    private mutating func plainName(_ name: ArraySlice<UInt8>) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        name.withUnsafeBufferPointer { string(utf8: $0) }
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func plainNumber(_ encoded: ArraySlice<UInt8>) {
        let isNumber = encoded.withUnsafeBufferPointer { NumberText.append($0, to: &bytes) }
        // Bytes that are no number cannot be in an item; they read as zero.
        if !isNumber { literal("0") }
    }

    private mutating func plainBinary(_ data: ArraySlice<UInt8>) {
        literal("\"")
        data.withUnsafeBufferPointer { Base64.encode($0, into: &bytes) }
        literal("\"")
    }
}
