internal import Crypto
internal import Items

/// Digests what a request asks, so that its repetition is known.
///
/// The digest depends on what was asked and not on how the JSON was written: members of maps and
/// sets are taken in the order of their bytes, numbers by value. Everything is preceded by its
/// length or count, so that no two different requests feed the same bytes.
struct RequestFingerprint {
    private var bytes: [UInt8] = []

    mutating func add(_ text: String) {
        add(utf8: text.utf8)
    }

    /// A parameter that may be absent, which is not the same as empty.
    mutating func add(_ text: String?) {
        add(text != nil)
        if let text { add(text) }
    }

    mutating func add(_ flag: Bool) {
        bytes.append(flag ? 1 : 0)
    }

    mutating func add(_ count: Int) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: count >> shift))
        }
    }

    /// ExpressionAttributeNames.
    mutating func add(_ names: [String: String]?) {
        add(names != nil)
        guard let names else { return }
        add(names.count)
        for (placeholder, name) in names.sorted(by: { $0.key < $1.key }) {
            add(placeholder)
            add(name)
        }
    }

    /// ExpressionAttributeValues.
    mutating func add(_ values: [String: ItemValue]?) {
        add(values != nil)
        guard let values else { return }
        add(values.count)
        for (placeholder, value) in values.sorted(by: { $0.key < $1.key }) {
            add(placeholder)
            add(value)
        }
    }

    /// An item or a key.
    mutating func add(_ item: ItemBytes) {
        var members: [(name: ArraySlice<UInt8>, value: ItemValue)] = []
        members.reserveCapacity(item.count)
        item.forEachAttribute { members.append((item.bytes[$0], $1)) }
        add(members: members)
    }

    mutating func add(_ value: ItemValue) {
        let tag = value.tag
        bytes.append(tag.rawValue)
        switch tag {
        case .string, .number, .binary:
            add(utf8: value.scalar)
        case .map:
            var members: [(name: ArraySlice<UInt8>, value: ItemValue)] = []
            value.forEachMember { members.append((value.bytes[$0], $1)) }
            add(members: members)
        case .list:
            let elements = value.elements
            add(elements.count)
            for element in elements { add(element) }
        default:
            guard tag.isSet else { return }
            let members = value.setMembers.sorted { $0.lexicographicallyPrecedes($1) }
            add(members.count)
            for member in members { add(utf8: member) }
        }
    }

    /// SHA-256 of all that was added.
    func digest() -> [UInt8] {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    private mutating func add(members: [(name: ArraySlice<UInt8>, value: ItemValue)]) {
        add(members.count)
        for (name, value) in members.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            add(utf8: name)
            add(value)
        }
    }

    private mutating func add(utf8: some Collection<UInt8>) {
        add(utf8.count)
        bytes.append(contentsOf: utf8)
    }
}
