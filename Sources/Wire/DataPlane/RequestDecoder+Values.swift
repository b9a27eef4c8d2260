import Items
internal import Operations

/// The members that an AttributeValue can have.
private enum DataType: UInt16 {
    case s = 1
    case n = 2
    case b = 4
    case m = 8
    case l = 16
    case ss = 32
    case ns = 64
    case bs = 128
    case bool = 256
    case null = 512

    @inline(__always)
    init?(_ name: JSONText) {
        switch name.count {
        case 1:
            switch name[0] {
            case UInt8(ascii: "S"): self = .s
            case UInt8(ascii: "N"): self = .n
            case UInt8(ascii: "B"): self = .b
            case UInt8(ascii: "M"): self = .m
            case UInt8(ascii: "L"): self = .l
            default: return nil
            }
        case 2:
            guard name[1] == UInt8(ascii: "S") else { return nil }
            switch name[0] {
            case UInt8(ascii: "S"): self = .ss
            case UInt8(ascii: "N"): self = .ns
            case UInt8(ascii: "B"): self = .bs
            default: return nil
            }
        case 4:
            if name.elementsEqual("BOOL".utf8) {
                self = .bool
            } else if name.elementsEqual("NULL".utf8) {
                self = .null
            } else {
                return nil
            }
        default: return nil
        }
    }
}

/// The service's words for faults of attribute values.
private enum ValueFault {
    static let empty =
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    static let several =
        "Supplied AttributeValue has more than one datatypes set, "
        + "must contain exactly one of the supported datatypes"
    static let nesting = "Nesting Levels have exceeded supported limits"
    static let invalid = "One or more parameter values were invalid: "
    static let null = invalid + "Null attribute value types must have the value of true"
    static let emptyStringSet = invalid + "An string set  may not be empty"
    static let emptyNumberSet = invalid + "An number set  may not be empty"
    static let emptyBinarySet = invalid + "Binary sets should not be empty"
    static let duplicateNumbers = "Input collection contains duplicates"
}

extension RequestDecoder {
    // MARK: Items, keys, and values on their own

    /// Reads a map of attributes as an item; where a value has a fault, the item is empty.
    mutating func item(capacity: Int = 256) throws(JSONFault) -> (item: ItemBytes, fault: String?) {
        fault = nil
        var encoder = ItemEncoder(capacity: capacity)
        encoder.beginItem()
        let count = try attributes(into: &encoder)
        if let fault { return (ItemBytes(), fault) }
        return (encoder.finishItem(count: count), nil)
    }

    /// Reads the item or key of a request.
    mutating func requestItem(capacity: Int = 256) throws(JSONFault) -> ItemBytes {
        let (item, fault) = try item(capacity: capacity)
        faults.item = fault
        return item
    }

    /// Reads one value; where it has a fault, NULL stands for it.
    mutating func value() throws(JSONFault) -> (value: ItemValue, fault: String?) {
        fault = nil
        var encoder = ItemEncoder(capacity: 32)
        try attributeValue(into: &encoder)
        if let fault { return (ItemValue(.null), fault) }
        return (encoder.finishValue(), nil)
    }

    /// Reads a list of values, which will share a buffer.
    mutating func values() throws(JSONFault) -> [ItemValue] {
        var ends: [Int] = []
        var isFirst = true
        fault = nil
        var encoder = ItemEncoder(capacity: 64)
        try reader.beginArray()
        while try reader.nextElement(&isFirst) {
            try attributeValue(into: &encoder)
            ends.append(encoder.bytes.count)
        }
        if let fault {
            if faults.legacy == nil { faults.legacy = fault }
            return ends.map { _ in ItemValue(.null) }
        }
        let bytes = encoder.finishValue().bytes
        var start = 0
        return ends.map { end in
            defer { start = end }
            return ItemValue(bytes: bytes, start: start, end: end)
        }
    }

    /// Reads ExpressionAttributeValues, which will share a buffer.
    mutating func expressionValues() throws(JSONFault) -> [String: ItemValue] {
        var places: [(name: String, start: Int, end: Int)] = []
        var isFirst = true
        faults.expression = nil
        var encoder = ItemEncoder(capacity: 128)
        try reader.beginObject()
        while let text = try reader.nextMember(&isFirst) {
            let name = String(decoding: text, as: UTF8.self)
            var start = encoder.bytes.count
            fault = nil
            try attributeValue(into: &encoder)
            if let fault {
                if faults.expression == nil { faults.expression = (fault, name) }
                start = encoder.bytes.count
                encoder.null()
            }
            places.append((name, start, encoder.bytes.count))
        }
        let bytes = encoder.finishValue().bytes
        var result = [String: ItemValue](minimumCapacity: places.count)
        for place in places {
            result[place.name] = ItemValue(bytes: bytes, start: place.start, end: place.end)
        }
        return result
    }

    // MARK: Into item bytes

    private mutating func note(_ message: @autoclosure () -> String) {
        if fault == nil { fault = message() }
    }

    /// Reads a map of attributes and gives their count.
    private mutating func attributes(into encoder: inout ItemEncoder) throws(JSONFault) -> Int {
        var count = 0
        var isFirst = true
        let mark = names.begin()
        try reader.beginObject()
        while let name = try reader.nextMember(&isFirst) {
            guard isValidated || name.count <= Limits.attributeNameBytesMax,
                names.insert(name, mark: mark)
            else { throw .unexpected }
            encoder.name(name)
            try attributeValue(into: &encoder)
            count += 1
        }
        names.end(mark: mark)
        return count
    }

    /// Reads one AttributeValue.
    ///
    /// After a fault the encoder's bytes are of no use, but reading goes on: a fault of the JSON
    /// further on comes first.
    private mutating func attributeValue(into encoder: inout ItemEncoder) throws(JSONFault) {
        if try reader.isNull() {
            guard isValidated else { throw .unexpected }
            note(ValueFault.empty)
            return
        }
        var types: UInt16 = 0
        var isFirst = true
        try reader.beginObject()
        while let name = try reader.nextMember(&isFirst) {
            guard let type = DataType(name) else {
                try reader.skipValue()
                continue
            }
            if try reader.isNull() { continue }
            guard types & type.rawValue == 0 else { throw .unexpected }
            types |= type.rawValue
            try payload(of: type, into: &encoder)
        }
        if types & (types &- 1) != 0 {
            note(ValueFault.several)
        } else if types == 0 {
            note(ValueFault.empty)
        }
    }

    @inline(__always)
    private mutating func payload(
        of type: DataType, into encoder: inout ItemEncoder
    ) throws(JSONFault) {
        switch type {
        case .s: encoder.string(try reader.string())
        case .n: try number(into: &encoder)
        case .bool: encoder.bool(try reader.bool())
        case .m: try map(into: &encoder)
        case .l: try list(into: &encoder)
        case .null:
            if !(try reader.bool()) { note(ValueFault.null) }
            encoder.null()
        case .b:
            binary.removeAll(keepingCapacity: true)
            guard Base64.decode(try reader.string(), into: &binary) else { throw .unexpected }
            encoder.binary(binary)
        case .ss: try stringSet(into: &encoder)
        case .ns: try numberSet(into: &encoder)
        case .bs: try binarySet(into: &encoder)
        }
    }

    @inline(__always)
    private mutating func number(into encoder: inout ItemEncoder) throws(JSONFault) {
        let text = try reader.string()
        do throws(NumberFault) {
            try encoder.number(text: text)
        } catch {
            note(error.message)
        }
    }

    private mutating func map(into encoder: inout ItemEncoder) throws(JSONFault) {
        nest()
        let mark = encoder.beginContainer(.map)
        let count = try attributes(into: &encoder)
        encoder.endContainer(mark, count: count)
        nestingDepth -= 1
    }

    private mutating func list(into encoder: inout ItemEncoder) throws(JSONFault) {
        nest()
        var count = 0
        var isFirst = true
        let mark = encoder.beginContainer(.list)
        try reader.beginArray()
        while try reader.nextElement(&isFirst) {
            try attributeValue(into: &encoder)
            count += 1
        }
        encoder.endContainer(mark, count: count)
        nestingDepth -= 1
    }

    private mutating func nest() {
        nestingDepth += 1
        if nestingDepth > Limits.nestingDepthMax { note(ValueFault.nesting) }
    }

    // MARK: Sets

    private mutating func stringSet(into encoder: inout ItemEncoder) throws(JSONFault) {
        var members: [JSONText] = []
        var isFirst = true
        let mark = encoder.beginContainer(.stringSet)
        try reader.beginArray()
        while try reader.nextElement(&isFirst) {
            let member = try reader.string()
            members.append(member)
            encoder.setMember(member)
        }
        encoder.endContainer(mark, count: members.count)
        if members.isEmpty {
            note(ValueFault.emptyStringSet)
        } else if fault == nil, NameRegister.hasDuplicates(members) {
            let texts = members.map { String(decoding: $0, as: UTF8.self) }
            note(
                ValueFault.invalid
                    + "Input collection [\(texts.joined(separator: ", "))] contains duplicates.")
        }
    }

    private mutating func numberSet(into encoder: inout ItemEncoder) throws(JSONFault) {
        var ends: [Int] = []
        var isFirst = true
        let mark = encoder.beginContainer(.numberSet)
        try reader.beginArray()
        while try reader.nextElement(&isFirst) {
            let text = try reader.string()
            do throws(NumberFault) {
                try encoder.numberSetMember(text: text)
            } catch {
                note(error.message)
            }
            ends.append(encoder.bytes.count)
        }
        encoder.endContainer(mark, count: ends.count)
        if ends.isEmpty {
            note(ValueFault.emptyNumberSet)
        } else if fault == nil, Self.hasDuplicates(in: encoder.bytes, from: mark + 8, ends: ends) {
            note(ValueFault.duplicateNumbers)
        }
    }

    private mutating func binarySet(into encoder: inout ItemEncoder) throws(JSONFault) {
        var texts: [JSONText] = []
        var isFirst = true
        let mark = encoder.beginContainer(.binarySet)
        try reader.beginArray()
        while try reader.nextElement(&isFirst) {
            let text = try reader.string()
            binary.removeAll(keepingCapacity: true)
            guard Base64.decode(text, into: &binary) else { throw .unexpected }
            texts.append(text)
            encoder.setMember(binary)
        }
        encoder.endContainer(mark, count: texts.count)
        if texts.isEmpty {
            note(ValueFault.emptyBinarySet)
        } else if fault == nil, NameRegister.hasDuplicates(texts) {
            // Strict base64 has one text for each value, so texts are compared.
            let members = texts.map { String(decoding: $0, as: UTF8.self) }
            note(
                ValueFault.invalid + "Input collection [\(members.joined(separator: ", "))]"
                    + "of type BS contains duplicates.")
        }
    }

    /// Whether two encoded members, which end where `ends` tells, are the same bytes.
    private static func hasDuplicates(in bytes: [UInt8], from start: Int, ends: [Int]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var start = start
            return NameRegister.hasDuplicates(
                ends.map { end in
                    defer { start = end }
                    return JSONText(rebasing: bytes[start..<end])
                })
        }
    }
}
