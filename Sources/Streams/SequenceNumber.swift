/// A record's place in the order of all changes of a store.
///
/// As text it has 21 digits, so that texts sort as numbers do and have the model's least length.
package struct SequenceNumber: Sendable, Hashable, Comparable {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.value < right.value
    }

    /// The text of the wire: a 1 and twenty digits.
    package var text: String {
        let digits = String(value)
        return "1" + String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }

    /// Reads the text of the wire; nil for any other.
    package init?(text: String) {
        guard text.utf8.count == 21, text.utf8.first == UInt8(ascii: "1"),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = UInt64(text.dropFirst())
        else { return nil }
        self.value = value
    }
}
