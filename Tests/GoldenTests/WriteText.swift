import Foundation
import Items
import Storage

@testable import Engine

/// What was committed, a line per change: `put items tab "a", 1 = {pk: "a", sk: 1}`.
///
/// Counts are told on one line at the end, `count tab 1 items 4 bytes`.
struct WriteText {
    private(set) var names = StoredNames()

    /// The lines of some batches.
    ///
    /// Batches are not told apart: which changes share one is a matter of timing.
    mutating func lines(_ batches: [[RecordedChange]]) -> [String] {
        var lines: [String] = []
        var counts: [String: String] = [:]
        for batch in batches {
            for case .put(.catalogue, let key, let value) in batch
            where key.first == UInt8(ascii: "t") {
                names.expect(value)
            }
            for change in batch {
                if let count = count(change) {
                    counts[count.name] = count.text
                } else if let line = line(change) {
                    lines.append(line)
                }
            }
        }
        if !counts.isEmpty {
            let texts = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("count " + texts.joined(separator: ", "))
        }
        return lines
    }

    private mutating func line(_ change: RecordedChange) -> String? {
        switch change {
        case .put(.catalogue, let key, let value): return catalogued(key, value)
        case .put(.streams, let key, let value): return StreamText.put(key, value, name)
        case .delete(.streams, let key): return StreamText.delete(key, name)
        case .delete(.catalogue, let key):
            guard key.first == UInt8(ascii: "t"), let id = id(key.dropFirst()) else { return nil }
            defer { names.drop(id) }
            return "delete catalogue table \(name(id))"
        case .put(.indexes, let key, let value) where value.isEmpty:
            return "put indexes \(keyText(key))"
        case .put(let keyspace, let key, let value):
            return
                "put \(keyspace.name) \(keyText(key)) = \(ValueText.of(ItemBytes(trusted: value)))"
        case .delete(let keyspace, let key):
            return "delete \(keyspace.name) \(keyText(key))"
        // When sequence numbers were given.
        case .deleteRange(.streams, let lower, _) where lower.starts(with: [0, 0, 0, 0]):
            return nil
        case .deleteRange(.streams, let lower, let upper) where upper.count == 16:
            return StreamText.deleteRange(lower, upper, name)
        case .deleteRange(let keyspace, let lower, let upper):
            guard lower.count == 4, let id = id(lower[...]) else {
                return "delete range \(keyspace.name) \(hex(lower[...])) ..< \(hex(upper[...]))"
            }
            return "delete range \(keyspace.name) \(name(id)): all"
        }
    }

    /// The count that a change writes.
    private func count(_ change: RecordedChange) -> (name: String, text: String)? {
        guard case .put(.catalogue, let key, let value) = change, key.first == UInt8(ascii: "s"),
            let id = id(key.dropFirst()), value.count == 16
        else { return nil }
        func integer(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
        return (name(id), "\(integer(value[..<8])) items \(integer(value[8...])) bytes")
    }

    private mutating func catalogued(_ key: [UInt8], _ value: [UInt8]) -> String? {
        if key.first == UInt8(ascii: "x") {
            // The mark, the region with its length, the token.
            let token = key.dropFirst(3 + Int(key[1]) << 8 + Int(key[2]))
            return "put catalogue token \(String(decoding: token, as: UTF8.self))"
        }
        guard key.first == UInt8(ascii: "t"), let (old, new) = names.learn(value) else {
            return nil
        }
        guard let old else { return "put catalogue table \(new.name) (made)" }
        let changes = StoredMembers.changed(from: old, to: new)
        return "put catalogue table \(new.name) (changed: \(changes.joined(separator: ", ")))"
    }

    private func keyText(_ key: [UInt8]) -> String {
        guard let id = id(key.prefix(4)), let owner = names[id] else { return hex(key[...]) }
        if owner.isExpiry, let entry = ExpiryIndex.parse(entryKey: key) {
            return "\(owner.name) at \(entry.expiry) -> \(keyText(entry.storedKey))"
        }
        var offset = 4 + PartitionHash.byteCount
        func components(_ types: [ScalarAttributeType]) -> String {
            types.map { type in
                OrderedKey.read(type, from: key, at: &offset).map { ValueText.of($0) } ?? "?"
            }.joined(separator: ", ")
        }
        let own = components(owner.own)
        let tableKey = owner.tableKey.isEmpty ? "" : " -> " + components(owner.tableKey)
        let rest = offset < key.count ? " + " + hex(key[offset...]) : ""
        return "\(owner.name) \(own)\(tableKey)\(rest)"
    }

    private func name(_ id: UInt32) -> String { names[id]?.name ?? "#\(id)" }

    private func id(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        bytes.count == 4 ? bytes.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }

    private func hex(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// The members in which two definitions differ, by their names in the store.
enum StoredMembers {
    static func changed(from old: TableDefinition, to new: TableDefinition) -> [String] {
        let before = members(old)
        let after = members(new)
        return Set(before.keys).union(after.keys).filter { name in
            guard let left = before[name], let right = after[name] else { return true }
            return !left.isEqual(right)
        }.sorted()
    }

    private static func members(_ definition: TableDefinition) -> [String: NSObject] {
        guard let json = try? JSONEncoder().encode(definition) else { return [:] }
        return (try? JSONSerialization.jsonObject(with: json)) as? [String: NSObject] ?? [:]
    }
}
