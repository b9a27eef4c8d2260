import Client
import Testing
import TestSupport

@Suite struct XMLElementTests {
    private func parse(_ text: String) -> XMLElement? { XMLElement(parsing: Array(text.utf8)) }

    @Test func namesTextsAndChildren() throws {
        let root = try #require(
            parse(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- a <comment> -->
                <ns:PublishResponse xmlns:ns="http://here/a>b"><Result a='/'>
                <MessageId>a&amp;&#x41;&#66;<![CDATA[<c>]]></MessageId><Empty/><Empty b="1" />
                </Result></ns:PublishResponse>
                """))
        #expect(root.name == "PublishResponse")
        #expect(root["Result"]?["MessageId"]?.text == "a&AB<c>")
        #expect(root["Result"]?.children(named: "Empty").count == 2)
    }

    @Test(arguments: [
        "", "text", "<", "<a", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a>&nope;</a>", "<a>&#xD800;",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "<a b=\"></a>", "<a/>rest", "<a>&amp", "<>", "<a:/>",
    ])
    func whatIsNoDocumentIsNone(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func depthIsBounded() {
        let deep = { (depth: Int) in
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(parse(deep(64)) != nil)
        #expect(parse(deep(65)) == nil)
        #expect(parse(deep(100_000)) == nil)
    }

    @Test func anythingIsSurvived() {
        let seed = UInt64.random(in: 0 ... .max)
        print("XML fuzz seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "<", ">", "/", "a", "<a>", "</a>", "&", ";", "&lt;", "<!--", "-->", "<![CDATA[", "]]>",
            "<?", "?>", "\"", "'", "=", " ", "&#x110000;", "é",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...30, using: &random))
                .compactMap { _ in pieces.randomElement(using: &random) }.joined()
            let bytes = Array(text.utf8)
            _ = XMLElement(parsing: Array(bytes.prefix(Int.random(in: 0...40, using: &random))))
        }
        for text in ["a<b>&\"c\"", "\r\n", "é"] {
            let escaped = XMLElement.escaped(text)
            #expect(parse("<a>\(escaped)</a>")?.text == text, "seed \(seed)")
        }
    }
}
