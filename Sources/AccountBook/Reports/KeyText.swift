internal import Items
internal import Metering
internal import Operations

/// A place as people read it: `customer=42 date=2026-01-05`.
package enum KeyText {
    /// What stands for the keys that aren't told apart.
    package static let others = "(others)"

    /// - Parameters:
    ///   - attributes: of the table or index, then (of an index) the table's own.
    /// - Returns: what could be read of it; a whole table or partition is `(scan)`, an empty place
    ///   stands for the keys that aren't told apart.
    static func text(
        of place: [UInt8], attributes: [MeteredResource.KeyAttribute]
    ) -> String {
        if place.isEmpty { return others }
        var offset = 4 + PartitionHash.byteCount
        var parts: [String] = []
        for attribute in attributes {
            guard offset < place.count,
                let value = OrderedKey.read(attribute.type, from: place, at: &offset)
            else { break }
            parts.append("\(attribute.name)=\(text(of: value))")
        }
        return parts.isEmpty ? "(scan)" : parts.joined(separator: " ")
    }

    private static func text(of value: AttributeValue) -> String {
        switch value {
        case .string(let text): String(text.prefix(128))
        case .number(let number): number.description
        case .binary(let bytes):
            "0x"
                + bytes.prefix(64).map { byte in
                    let digits = String(byte, radix: 16)
                    return digits.utf8.count == 1 ? "0\(digits)" : digits
                }.joined()
        default: "?"
        }
    }
}
