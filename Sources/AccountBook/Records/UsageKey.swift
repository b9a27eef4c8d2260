/// How long a record's span is.
package enum UsageGrain: UInt8, Sendable, CaseIterable {
    case minute = 1
    case fiveMinutes = 2
    case hour = 3

    /// In minutes.
    package var length: UInt32 {
        switch self {
        case .minute: 1
        case .fiveMinutes: 5
        case .hour: 60
        }
    }

    /// How many minutes a record stays in this grain: a day, a week, 30 days in all.
    package var ageMax: UInt32 {
        switch self {
        case .minute: 1_440
        case .fiveMinutes: 10_080
        case .hour: 43_200
        }
    }

    /// The next one; nil where what is older goes.
    package var coarser: UsageGrain? {
        switch self {
        case .minute: .fiveMinutes
        case .fiveMinutes: .hour
        case .hour: nil
        }
    }
}

/// What a record of usage is about.
package struct UsageKey: Sendable, Hashable {
    /// The first minute of its span, since 1970.
    package var minute: UInt32
    /// The storage id of the table or index; 0 for no table.
    package var resource: UInt32
    package var partition: UInt32
    package var operation: BookedOperation
    package var kind: BookedKind
    /// The access key, cut at 64 bytes.
    package var caller: String

    package init(
        minute: UInt32, resource: UInt32, partition: UInt32 = 0, operation: BookedOperation = .none,
        kind: BookedKind, caller: String = ""
    ) {
        self.minute = minute
        self.resource = resource
        self.partition = partition
        self.operation = operation
        self.kind = kind
        self.caller = caller
    }

    /// The key in the usage keyspace: grain, minute, resource, operation, kind, partition, caller.
    package func encoded(_ grain: UsageGrain) -> [UInt8] {
        var key = [grain.rawValue]
        key.reserveCapacity(15 + caller.utf8.count)
        Self.append(minute - minute % grain.length, to: &key)
        Self.append(resource, to: &key)
        key.append(operation.rawValue)
        key.append(kind.number)
        Self.append(partition, to: &key)
        key += caller.utf8
        return key
    }

    /// nil where the bytes are no key of a record.
    package init?(encoded key: [UInt8]) {
        guard key.count >= 15, UsageGrain(rawValue: key[0]) != nil,
            let operation = BookedOperation(rawValue: key[9]),
            let kind = BookedKind(number: key[10])
        else { return nil }
        self.init(
            minute: Self.number(key, 1), resource: Self.number(key, 5),
            partition: Self.number(key, 11), operation: operation, kind: kind,
            caller: String(decoding: key[15...], as: UTF8.self))
    }

    static func append(_ value: UInt32, to key: inout [UInt8]) {
        for shift: UInt32 in [24, 16, 8, 0] {
            key.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    static func number(_ key: [UInt8], _ offset: Int) -> UInt32 {
        key[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
