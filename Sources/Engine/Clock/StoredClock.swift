internal import Storage

/// What a store keeps of a clock that was moved: how far it is ahead of the machine's.
enum StoredClock {
    static let key: [UInt8] = [UInt8(ascii: "c")]

    /// Seconds ahead; 0 where the clock was never moved.
    ///
    /// - Throws: `StorageError.corrupt` where what is kept is no span of time.
    static func read(_ store: any KeyValueStore) throws(StorageError) -> Double {
        guard let bytes = try store.get(.catalogue, key) else { return 0 }
        let seconds = Double(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
        guard bytes.count == 8, seconds.isFinite, seconds >= 0 else {
            throw .corrupt("the catalogue's clock cannot be read")
        }
        return seconds
    }

    static func encode(secondsAhead: Double) -> [UInt8] {
        let pattern = secondsAhead.bitPattern
        return stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: pattern >> $0) }
    }

    /// Puts the store's clock to where it was left.
    ///
    /// - Throws: `StorageError.refused` where it was moved and the machine's clock is to be used:
    ///   the store would go back in time, and what it dated would lie in the future.
    static func restore(
        from store: any KeyValueStore, to clock: VirtualClock?
    ) throws(StorageError) {
        let secondsAhead = try read(store)
        if let clock {
            clock.restore(secondsAhead: secondsAhead)
        } else if secondsAhead > 0 {
            throw .refused(
                "the store's clock was moved \(span(secondsAhead)) ahead, and it cannot go back: "
                    + "open it with a virtual clock (--virtual-clock)")
        }
    }

    private static func span(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 1e15))
        let parts = [
            (whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "m"),
            (whole % 60, "s"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }
}
