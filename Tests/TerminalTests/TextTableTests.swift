import Testing

@testable import Terminal

struct TextTableTests {
    private func table(_ rows: [[String]]) -> TextTable {
        var table = TextTable([.init("id"), .init("name"), .init("total", .right)])
        for row in rows { table.add(row) }
        return table
    }

    @Test func columnsAreAlignedAndLinesEndWithTheirLastCharacter() {
        let text = table([["1", "Ada", "10"], ["22", "", "5"], ["3", "Bo"]]).text()
        #expect(
            text == """
                id  name  total
                1   Ada      10
                22            5
                3   Bo

                """)
    }

    @Test func wideCharactersTakeTwoColumns() {
        var table = TextTable([.init("a"), .init("b")])
        table.add(["日本", "x"])
        table.add(["é", "y"])
        #expect(table.text(hasHeader: false) == "日本  x\né     y\n")
        #expect(DisplayWidth.of("👩‍👩‍👧") == 2)
        #expect(DisplayWidth.of("❤️") == 2)
    }

    @Test(arguments: 8...60)
    func nothingIsWiderThanTheTerminal(width: Int) {
        let text = table([
            ["a", String(repeating: "word ", count: 12), "100"],
            ["bbbbbbbbbbbbbbbbbbbb", "日本語日本語日本語日本語", "7"],
        ]).text(width: width)
        // Three columns of at least six (or their own width) and two gaps cannot be narrower.
        for line in text.split(separator: "\n") {
            #expect(DisplayWidth.of(String(line)) <= max(width, 22))
        }
    }

    @Test func cutCellsSaySo() {
        var table = TextTable([.init("text")])
        table.add(["a long text that does not fit"])
        #expect(table.text(width: 10, hasHeader: false) == "a long te…\n")
    }

    @Test func controlCharactersMoveNoCursor() {
        var table = TextTable([.init("x")])
        table.add(["a\u{1B}[2Jb\n\u{202E}c"])
        #expect(table.text(hasHeader: false) == "a\\u001b[2Jb\\n\\u202ec\n")
    }

    @Test func coloursAreForTerminalsOnly() {
        var table = TextTable([.init("x")])
        table.add(["1"])
        #expect(table.text(palette: Palette(isColoured: true)) == "\u{1B}[1mx\u{1B}[0m\n1\n")
        #expect(table.text(palette: .plain) == "x\n1\n")
    }
}

struct QuantityTests {
    @Test(arguments: [
        (-0.000_000_000_000_4, "$0"),
        (0.0, "$0"), (1234567.891, "$1,234,567.89"), (0.0000160625, "$0.0000161"), (0.5, "$0.50"),
        (0.125, "$0.125"), (0.999, "$1.00"), (-2, "-$2.00"), (0.01, "$0.01"), (.nan, "$?"),
    ])
    func money(value: Double, text: String) { #expect(Quantity.money(value) == text) }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (1_048_575, "1.0 MB"),
        (1_610_612_736, "1.5 GB"), (Int.max, "8.0 EB"),
    ])
    func bytes(value: Int, text: String) { #expect(Quantity.bytes(value) == text) }

    @Test(arguments: [
        (0.0004, "0 ms"), (0.25, "250 ms"), (3.21, "3.2 s"), (250, "4 min 10 s"),
        (7500, "2 h 5 min"), (180_000, "2 d 2 h"), (.infinity, "?"),
    ])
    func durations(seconds: Double, text: String) { #expect(Quantity.duration(seconds) == text) }

    @Test func counts() {
        #expect(Quantity.count(Int.min) == "-9,223,372,036,854,775,808")
        #expect(Quantity.count(999) == "999")
        #expect(Quantity.units(128.5) == "128.5")
        #expect(Quantity.units(12_000) == "12,000")
        #expect(Quantity.rate(3.25) == "3.3/s")
        #expect(Quantity.percent(0.125) == "12.5%")
        #expect(Quantity.percent(0.9996) == "99.96%")
        #expect(Quantity.percent(0.999999) == "99.99%")
        #expect(Quantity.percent(1) == "100%")
        #expect(Quantity.fixed(-0.04, places: 1) == "0.0")
    }
}

struct ProgressLineTests {
    @Test func tellsRateAndWhatIsLeft() {
        let text = ProgressLine.text(
            label: "scanning", noun: "items", done: 1000, total: 5000, elapsed: 2, detail: "3 units"
        )
        #expect(text == "scanning  1,000 of 5,000 items  500/s  8.0 s left  3 units")
        let open = ProgressLine.text(
            label: "scanning", noun: "items", done: 10, total: nil, elapsed: 2, detail: "")
        #expect(open == "scanning  10 items  5/s")
    }
}
