import Streams
import Testing

@Suite("Sequence numbers")
struct SequenceNumberTests {
    @Test("are texts of 21 digits that sort as they count")
    func text() {
        #expect(SequenceNumber(0).text == "100000000000000000000")
        #expect(SequenceNumber(.max).text == "118446744073709551615")
        #expect(SequenceNumber(9).text < SequenceNumber(10).text)
        #expect(SequenceNumber(text: SequenceNumber(42).text) == SequenceNumber(42))
    }

    @Test(
        "are refused where they are not ours",
        arguments: [
            "", "1", "200000000000000000000", "1000000000000000000000", "1x0000000000000000000",
            "199999999999999999999",
        ])
    func foreign(_ text: String) {
        #expect(SequenceNumber(text: text) == nil)
    }
}
