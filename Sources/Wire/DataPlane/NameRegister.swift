/// The names met in the maps that are being read, to refuse a second of the same.
///
/// A stack: a map's names lie above those of the map around it. Up to 32 names are compared one by
/// one by a fingerprint (and by bytes where that agrees); from there on a hash set is kept, so that
/// a hostile map of many names costs no quadratic time.
struct NameRegister {
    private struct Entry {
        let fingerprint: UInt64
        let name: JSONText
    }

    /// A name that hashes and compares by its bytes.
    private struct Name: Hashable {
        let text: JSONText

        static func == (left: Name, right: Name) -> Bool {
            left.text.count == right.text.count && left.text.elementsEqual(right.text)
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(bytes: UnsafeRawBufferPointer(text))
        }
    }

    private static let linearCountMax = 32
    private var entries: [Entry] = []
    /// The sets of the maps with many names, each with the mark of its map.
    private var sets: [(mark: Int, names: Set<Name>)] = []

    /// Starts a map; the mark is for the other calls.
    func begin() -> Int { entries.count }

    /// Notes a name of the innermost map; false where the map has it already.
    mutating func insert(_ name: JSONText, mark: Int) -> Bool {
        if let last = sets.indices.last, sets[last].mark == mark {
            return sets[last].names.insert(Name(text: name)).inserted
        }
        let fingerprint = Self.fingerprint(name)
        for index in mark..<entries.count where entries[index].fingerprint == fingerprint {
            if entries[index].name.elementsEqual(name) { return false }
        }
        if entries.isEmpty { entries.reserveCapacity(Self.linearCountMax) }
        entries.append(Entry(fingerprint: fingerprint, name: name))
        if entries.count - mark == Self.linearCountMax {
            sets.append((mark, Set(entries[mark...].map { Name(text: $0.name) })))
        }
        return true
    }

    /// Ends a map.
    mutating func end(mark: Int) {
        if let last = sets.last, last.mark == mark { sets.removeLast() }
        entries.removeLast(entries.count - mark)
    }

    /// Whether any two texts are equal.
    static func hasDuplicates(_ texts: [JSONText]) -> Bool {
        var register = NameRegister()
        for text in texts where !register.insert(text, mark: 0) { return true }
        return false
    }

    /// Equal for equal names; made from their length and up to sixteen of their bytes.
    @inline(__always)
    private static func fingerprint(_ name: JSONText) -> UInt64 {
        let raw = UnsafeRawBufferPointer(name)
        let count = UInt64(truncatingIfNeeded: raw.count) &* 0x9E37_79B9_7F4A_7C15
        if raw.count >= 8 {
            let head = raw.loadUnaligned(as: UInt64.self)
            let tail = raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)
            return (head &* 0xFF51_AFD7_ED55_8CCD) ^ tail ^ count
        }
        var bits: UInt64 = 0
        for byte in raw { bits = bits << 8 | UInt64(byte) }
        return bits ^ count
    }
}
