import Foundation
import Items
import Streams

/// What is written into the keyspace of streams, a line per change.
enum StreamText {
    /// The line of a put; nil for bookkeeping that says nothing of its own.
    static func put(_ key: [UInt8], _ value: [UInt8], _ name: (UInt32) -> String) -> String? {
        let id = integer(key.prefix(4))
        if id == 0 { return metadata(key.dropFirst(4), value, name) }
        guard key.count == 16, let record = ChangeRecord(encoded: value) else {
            return "put streams ? (\(key.count) bytes)"
        }
        let shard = integer(key[4..<8])
        var line = "put streams \(name(UInt32(id))) shard \(shard) #\(integer(key[8...])) "
        line += eventName(record.event)
        if record.isTimeToLiveDeletion { line += " by time to live" }
        if let keys = record.keys { line += " keys \(ValueText.of(keys))" }
        if let old = record.oldImage { line += " old \(ValueText.of(old))" }
        if let new = record.newImage { line += " new \(ValueText.of(new))" }
        return line
    }

    /// The line of a delete.
    static func delete(_ key: [UInt8], _ name: (UInt32) -> String) -> String? {
        let id = integer(key.prefix(4))
        guard id == 0 else { return "delete streams \(name(UInt32(id)))" }
        let rest = key.dropFirst(4)
        switch rest.first {
        case UInt8(ascii: "d"):
            return "delete streams stream of \(name(UInt32(integer(rest.dropFirst()))))"
        case UInt8(ascii: "s"):
            let stream = name(UInt32(integer(rest.dropFirst().prefix(4))))
            return "delete streams \(stream) shard \(integer(rest.dropFirst(5)))"
        default: return nil
        }
    }

    /// The line of a range of records that is deleted.
    static func deleteRange(_ lower: [UInt8], _ upper: [UInt8], _ name: (UInt32) -> String)
        -> String
    {
        let stream = name(UInt32(integer(lower.prefix(4))))
        return "delete range streams \(stream) shard \(integer(lower[4..<8])): "
            + "before #\(integer(upper[8...]))"
    }

    private static func metadata(
        _ rest: ArraySlice<UInt8>, _ value: [UInt8], _ name: (UInt32) -> String
    ) -> String? {
        switch rest.first {
        case UInt8(ascii: "d"):
            guard
                let stream = try? JSONDecoder().decode(StreamDescriptor.self, from: Data(value))
            else { return "put streams stream ?" }
            let state = stream.disabledAt == nil ? "on" : "off"
            return
                "put streams stream of \(stream.name.tableName) (\(stream.view.rawValue), \(state))"
        case UInt8(ascii: "s"):
            guard let shard = try? JSONDecoder().decode(Shard.self, from: Data(value)) else {
                return "put streams shard ?"
            }
            let stream = name(UInt32(integer(rest.dropFirst().prefix(4))))
            return
                "put streams \(stream) shard \(shard.number) (\(shard.isOpen ? "open" : "closed"))"
        default:
            return nil
        }
    }

    private static func eventName(_ event: ChangeRecord.Event) -> String {
        switch event {
        case .insert: "INSERT"
        case .modify: "MODIFY"
        case .remove: "REMOVE"
        }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
