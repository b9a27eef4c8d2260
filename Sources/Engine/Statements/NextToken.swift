internal import FoundationEssentials
internal import Items
internal import Operations

/// ExecuteStatement's NextToken: the last key of a page, tied to the statement that gave it.
///
/// One byte of version, eight of the statement's mark, the key as item bytes; in base64.
struct NextToken {
    private static let version: UInt8 = 1
    let key: ItemBytes
    private let mark: UInt64

    init(key: ItemBytes, mark: UInt64) {
        self.key = key
        self.mark = mark
    }

    /// Reads a token that a client sent.
    ///
    /// - Throws: a ValidationException for what is no token, or another statement's.
    init(_ text: String, mark: UInt64) throws(ServiceError) {
        guard let bytes = Data(base64Encoded: text).map(Array.init), bytes.count > 9,
            bytes[0] == Self.version,
            bytes[1..<9].reduce(0, { $0 << 8 | UInt64($1) }) == mark,
            let key = ItemBytes(untrusted: Array(bytes[9...]))
        else { throw StatementFaults.invalidNextToken }
        self.init(key: key, mark: mark)
    }

    var text: String {
        var bytes: [UInt8] = [Self.version]
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: mark >> UInt64(shift)))
        }
        return Data(bytes + key.bytes).base64EncodedString()
    }

    /// The mark of a statement with its parameters, on one version of a table (FNV-1a).
    static func mark(of statement: Statement, table: Table) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        add(table.definition.tableID.utf8)
        add(statement.text.utf8)
        for parameter in statement.parameters ?? [] { add(parameter.encoded) }
        return hash
    }
}
