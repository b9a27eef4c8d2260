package import Operations

/// How many request units work costs: the service's published rules, as pure functions.
///
/// Sizes are DynamoDB item sizes in bytes. A read unit covers 4 KB strongly consistent, or 8 KB
/// eventually consistent; a write unit covers 1 KB. Everything rounds up, and nothing is free
/// except an index that a write does not touch.
package enum RequestUnitRules {
    /// Reading one item, or the sum of what a page evaluated; a missing item counts as one unit.
    package static func read(byteCount: Int, consistent: Bool) -> RequestUnits {
        let blocks = max(1, blocks(byteCount, of: Limits.readUnitBytes))
        return RequestUnits(halves: consistent ? blocks * 2 : blocks)
    }

    /// Writing one item of the table: by the larger of its images; 0 stands for no image.
    package static func write(oldByteCount: Int, newByteCount: Int) -> RequestUnits {
        RequestUnits(max(1, blocks(max(oldByteCount, newByteCount), of: Limits.writeUnitBytes)))
    }

    /// Reading one item in a transaction, or again for a repeated token.
    package static func transactionalRead(byteCount: Int) -> RequestUnits {
        doubled(read(byteCount: byteCount, consistent: true))
    }

    /// Writing one item of the table in a transaction, or only testing it (by its one image).
    ///
    /// What the write costs in indexes is not doubled.
    package static func transactionalWrite(oldByteCount: Int, newByteCount: Int) -> RequestUnits {
        doubled(write(oldByteCount: oldByteCount, newByteCount: newByteCount))
    }

    /// What one write does to an index's entry.
    package enum IndexChange: Sendable, Equatable {
        /// Neither the entry's key nor anything projected changed, or there is no entry at all.
        case none
        case appears(byteCount: Int)
        case disappears(byteCount: Int)
        /// The key changed: the old entry goes and a new one comes.
        case moves(oldByteCount: Int, newByteCount: Int)
        /// The key stayed and a projected attribute changed.
        case changes(oldByteCount: Int, newByteCount: Int)
    }

    /// Writing an index: by the projected entries.
    package static func indexWrite(_ change: IndexChange) -> RequestUnits {
        func units(_ byteCount: Int) -> RequestUnits {
            RequestUnits(max(1, blocks(byteCount, of: Limits.writeUnitBytes)))
        }
        switch change {
        case .none: return .zero
        case .appears(let byteCount), .disappears(let byteCount): return units(byteCount)
        case .moves(let old, let new): return units(old) + units(new)
        case .changes(let old, let new): return units(max(old, new))
        }
    }

    private static func doubled(_ units: RequestUnits) -> RequestUnits { units + units }

    private static func blocks(_ byteCount: Int, of size: Int) -> Int {
        (byteCount + size - 1) / size
    }
}
