package import Items

extension Condition {
    /// Where an operand's value is.
    private enum Place {
        /// No value: the path leads nowhere, or the size of something without size.
        case absent
        /// The value at an offset of the item's bytes.
        case item(Int)
        /// The value at an offset of the pool.
        case pool(Int)
        /// A size.
        case integer(Int)
    }

    /// Whether an item satisfies the condition.
    ///
    /// - Parameter item: nil where there is none; no path leads anywhere then.
    package func evaluate(_ item: ItemBytes?) -> Bool {
        holds(root, item?.bytes ?? [])
    }

    private func holds(_ node: Int, _ item: [UInt8]) -> Bool {
        switch nodes[node] {
        case .all(let range):
            for link in range where !holds(links[link], item) { return false }
            return true
        case .any(let range):
            for link in range where holds(links[link], item) { return true }
            return false
        case .not(let inner):
            return !holds(inner, item)
        case .comparison(let comparator, let left, let right):
            return compare(comparator, place(left, item), place(right, item), item)
        case .between(let operand, let lower, let upper):
            let value = place(operand, item)
            return compare(.greaterOrEqual, value, place(lower, item), item)
                && compare(.lessOrEqual, value, place(upper, item), item)
        case .membership(let operand, let range):
            let value = place(operand, item)
            for link in range where areEqual(value, place(links[link], item), item) {
                return true
            }
            return false
        case .exists(let operand):
            if case .absent = place(operand, item) { return false }
            return true
        case .type(let operand, let tags):
            guard let tag = tag(place(operand, item), item) else { return false }
            return tags & 1 << tag.rawValue != 0
        case .beginsWith(let operand, let prefix):
            return beginsWith(place(operand, item), place(prefix, item), item)
        case .contains(let operand, let part):
            return contains(place(operand, item), place(part, item), item)
        }
    }

    // MARK: Operands

    private func place(_ operand: Int, _ item: [UInt8]) -> Place {
        switch operands[operand] {
        case .path(let range):
            return follow(range, item)
        case .value(let range):
            return .pool(range.lowerBound)
        case .size(let inner):
            guard let size = size(place(inner, item), item) else { return .absent }
            return .integer(size)
        }
    }

    private func follow(_ range: Range<Int>, _ item: [UInt8]) -> Place {
        guard !item.isEmpty, !range.isEmpty else { return .absent }
        var offset = 0
        for position in range {
            let found: Int?
            switch steps[position] {
            case .name(let start, let end):
                if position == range.lowerBound {
                    found = EncodedReader.find(
                        pool, start, end, in: item, from: ItemBytes.headerByteCount,
                        to: item.count)
                } else {
                    guard EncodedReader.tag(item, at: offset) == .map else { return .absent }
                    found = EncodedReader.find(
                        pool, start, end, in: item,
                        from: offset + EncodedReader.containerHeaderByteCount,
                        to: EncodedReader.end(item, of: offset))
                }
            case .index(let index):
                found = EncodedReader.element(index, in: item, list: offset)
            }
            guard let found else { return .absent }
            offset = found
        }
        return .item(offset)
    }

    private func tag(_ place: Place, _ item: [UInt8]) -> ValueTag? {
        switch place {
        case .absent: nil
        case .item(let offset): EncodedReader.tag(item, at: offset)
        case .pool(let offset): EncodedReader.tag(pool, at: offset)
        case .integer: .number
        }
    }

    /// Bytes of an S or B, members of a container; nil for what has no size.
    private func size(_ place: Place, _ item: [UInt8]) -> Int? {
        switch place {
        case .absent, .integer: nil
        case .item(let offset): Self.size(item, offset)
        case .pool(let offset): Self.size(pool, offset)
        }
    }

    private static func size(_ bytes: [UInt8], _ start: Int) -> Int? {
        switch EncodedReader.tag(bytes, at: start) {
        case .string, .binary:
            var offset = start + 1
            return EncodedReader.varint(bytes, at: &offset)
        case .number, .boolFalse, .boolTrue, .null:
            return nil
        case .map, .list, .stringSet, .numberSet, .binarySet:
            return EncodedReader.count(bytes, at: start)
        }
    }

    // MARK: Comparison

    private func compare(
        _ comparator: Comparator, _ left: Place, _ right: Place, _ item: [UInt8]
    ) -> Bool {
        switch comparator {
        case .equal:
            return areEqual(left, right, item)
        case .notEqual:
            return !areEqual(left, right, item)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let order = order(left, right, item) else { return false }
            switch comparator {
            case .less: return order < 0
            case .lessOrEqual: return order <= 0
            case .greater: return order > 0
            default: return order >= 0
            }
        }
    }

    /// The order of two values; nil unless both are S, both N or both B.
    private func order(_ left: Place, _ right: Place, _ item: [UInt8]) -> Int? {
        switch (left, right) {
        case (.absent, _), (_, .absent): nil
        case (.item(let a), .item(let b)): Self.order(item, a, item, b)
        case (.item(let a), .pool(let b)): Self.order(item, a, pool, b)
        case (.pool(let a), .item(let b)): Self.order(pool, a, item, b)
        case (.pool(let a), .pool(let b)): Self.order(pool, a, pool, b)
        case (.integer(let a), .integer(let b)): a - b
        case (.integer(let a), .item(let b)): Self.order(a, item, b)
        case (.integer(let a), .pool(let b)): Self.order(a, pool, b)
        case (.item(let a), .integer(let b)): Self.order(b, item, a).map { -$0 }
        case (.pool(let a), .integer(let b)): Self.order(b, pool, a).map { -$0 }
        }
    }

    private static func order(_ a: [UInt8], _ left: Int, _ b: [UInt8], _ right: Int) -> Int? {
        let tag = a[left]
        guard tag == b[right], tag <= ValueTag.binary.rawValue else { return nil }
        return EncodedReader.order(
            a, EncodedReader.payload(a, of: left), EncodedReader.end(a, of: left),
            b, EncodedReader.payload(b, of: right), EncodedReader.end(b, of: right))
    }

    /// The order of a count and an encoded number; nil where there is no number.
    private static func order(_ integer: Int, _ bytes: [UInt8], _ start: Int) -> Int? {
        guard EncodedReader.tag(bytes, at: start) == .number else { return nil }
        let encoded = EncodedCount(integer)
        var offset = EncodedReader.payload(bytes, of: start)
        let end = EncodedReader.end(bytes, of: start)
        var index = 0
        while index < encoded.count, offset < end {
            let difference = Int(encoded[index]) - Int(bytes[offset])
            if difference != 0 { return difference }
            index += 1
            offset += 1
        }
        return (encoded.count - index) - (end - offset)
    }

    private func areEqual(_ left: Place, _ right: Place, _ item: [UInt8]) -> Bool {
        switch (left, right) {
        case (.item(let a), .item(let b)): Self.areEqual(item, a, item, b)
        case (.item(let a), .pool(let b)), (.pool(let b), .item(let a)):
            Self.areEqual(item, a, pool, b)
        case (.pool(let a), .pool(let b)): Self.areEqual(pool, a, pool, b)
        case (.absent, _), (_, .absent): false
        case (.integer, _), (_, .integer): order(left, right, item) == 0
        }
    }

    private static func areEqual(
        _ a: [UInt8], _ left: Int, _ b: [UInt8], _ right: Int
    ) -> Bool {
        guard a[left] == b[right] else { return false }
        let leftEnd = EncodedReader.end(a, of: left)
        let rightEnd = EncodedReader.end(b, of: right)
        if leftEnd - left == rightEnd - right,
            EncodedReader.equal(a, left, b, right, count: leftEnd - left)
        {
            return true
        }
        guard EncodedReader.tag(a, at: left).isContainer else { return false }
        return ItemValue(bytes: a, start: left, end: leftEnd).isEqual(
            to: ItemValue(bytes: b, start: right, end: rightEnd))
    }

    // MARK: Functions

    private func beginsWith(_ value: Place, _ prefix: Place, _ item: [UInt8]) -> Bool {
        switch (value, prefix) {
        case (.item(let a), .item(let b)): Self.beginsWith(item, a, item, b)
        case (.item(let a), .pool(let b)): Self.beginsWith(item, a, pool, b)
        case (.pool(let a), .item(let b)): Self.beginsWith(pool, a, item, b)
        case (.pool(let a), .pool(let b)): Self.beginsWith(pool, a, pool, b)
        default: false
        }
    }

    private static func beginsWith(
        _ a: [UInt8], _ value: Int, _ b: [UInt8], _ prefix: Int
    ) -> Bool {
        let tag = EncodedReader.tag(a, at: value)
        guard tag == .string || tag == .binary, EncodedReader.tag(b, at: prefix) == tag else {
            return false
        }
        let start = EncodedReader.payload(a, of: value)
        let prefixStart = EncodedReader.payload(b, of: prefix)
        let count = EncodedReader.end(b, of: prefix) - prefixStart
        return count <= EncodedReader.end(a, of: value) - start
            && EncodedReader.equal(a, start, b, prefixStart, count: count)
    }

    private func contains(_ value: Place, _ part: Place, _ item: [UInt8]) -> Bool {
        if case .integer(let size) = part {
            let number = ItemValue(.number(DecimalNumber(size)))
            switch value {
            case .item(let offset): return Self.contains(item, offset, number.bytes, 0)
            case .pool(let offset): return Self.contains(pool, offset, number.bytes, 0)
            default: return false
            }
        }
        return switch (value, part) {
        case (.item(let a), .item(let b)): Self.contains(item, a, item, b)
        case (.item(let a), .pool(let b)): Self.contains(item, a, pool, b)
        case (.pool(let a), .item(let b)): Self.contains(pool, a, item, b)
        case (.pool(let a), .pool(let b)): Self.contains(pool, a, pool, b)
        default: false
        }
    }

    private static func contains(
        _ a: [UInt8], _ value: Int, _ b: [UInt8], _ part: Int
    ) -> Bool {
        let tag = EncodedReader.tag(a, at: value)
        let partTag = EncodedReader.tag(b, at: part)
        switch tag {
        case .string, .binary:
            return partTag == tag
                && EncodedReader.contains(
                    a, EncodedReader.payload(a, of: value), EncodedReader.end(a, of: value),
                    b, EncodedReader.payload(b, of: part), EncodedReader.end(b, of: part))
        case .list:
            var offset = value + EncodedReader.containerHeaderByteCount
            let end = EncodedReader.end(a, of: value)
            while offset < end {
                if areEqual(a, offset, b, part) { return true }
                offset = EncodedReader.end(a, of: offset)
            }
            return false
        case .stringSet:
            return partTag == .string && hasMember(a, value, b, part)
        case .numberSet:
            return partTag == .number && hasMember(a, value, b, part)
        case .binarySet:
            return partTag == .binary && hasMember(a, value, b, part)
        default:
            return false
        }
    }

    private static func hasMember(_ a: [UInt8], _ set: Int, _ b: [UInt8], _ value: Int) -> Bool {
        let start = EncodedReader.payload(b, of: value)
        let count = EncodedReader.end(b, of: value) - start
        var offset = set + EncodedReader.containerHeaderByteCount
        let end = EncodedReader.end(a, of: set)
        while offset < end {
            let length = EncodedReader.varint(a, at: &offset)
            if length == count, EncodedReader.equal(a, offset, b, start, count: count) {
                return true
            }
            offset += length
        }
        return false
    }
}

/// The order-preserving form of a count, as `NumberEncoding.swift` tells it, without allocation.
struct EncodedCount {
    /// The bytes from the most significant down; sizes need at most 8 base-100 digits.
    private var bytes: UInt64 = 0
    private var first: UInt8 = 0x80
    private(set) var count = 1

    init(_ value: Int) {
        guard value > 0 else { return }
        var pairCount = 0
        var rest = value
        while rest > 0 {
            pairCount += 1
            let digit = rest % 100
            rest /= 100
            // Trailing zeros are not written.
            if digit == 0, count == 1 { continue }
            bytes = bytes >> 8 | UInt64(digit + 1) << 56
            count += 1
        }
        first = UInt8(truncatingIfNeeded: pairCount - 64)
    }

    subscript(index: Int) -> UInt8 {
        index == 0 ? first : UInt8(truncatingIfNeeded: bytes >> (64 - 8 * UInt64(index)))
    }
}
