import Foundation
import Items
import Metering
import Operations
import Testing

@testable import LoadTester

@Suite("Pages")
struct PageTests {
    /// An application with a hot key, a wasteful query and an index, and a better one beside it.
    static func shop(isGood: Bool) -> SyntheticRun {
        var dice = SplitMix(state: 3)
        let customers = (0..<40_000).map { _ in
            !isGood && dice.below(100) < 45 ? "CUSTOMER#1" : "CUSTOMER#\(dice.below(8_000))"
        }
        let table = DesignTable.orders(range: "date", indexes: [.byStatus(.all)])
        var run = SyntheticRun(
            tables: [table], seconds: 40,
            stored: [
                LoadedResource(resource: 0, itemCount: 2_400_000, byteCount: 90_000_000_000),
                LoadedResource(resource: 1, itemCount: 2_400_000, byteCount: 30_000_000_000),
            ],
            [
                SyntheticRun.Work(
                    pattern: AccessPattern(
                        name: "place order", operation: "PutItem", tableName: "orders"),
                    perSecond: 700, milliseconds: 2.4, itemByteCount: 1_800,
                    consumed: [
                        ("orders", { [customers[$0 % 40_000], "2026-\($0)"] }, .writing(2)),
                        ("orders/by-status", { ["OPEN#\(isGood ? $0 % 64 : 0)"] }, .writing(1)),
                    ]),
                SyntheticRun.Work(
                    pattern: AccessPattern(
                        name: "read order", operation: "GetItem", tableName: "orders"),
                    perSecond: 900, milliseconds: 0.6, itemByteCount: 1_800,
                    consumed: [
                        (
                            "orders", { [customers[$0 % 40_000], "2026-\($0)"] },
                            .reading(isGood ? 0.5 : 1)
                        )
                    ]),
                SyntheticRun.Work(
                    pattern: AccessPattern(
                        name: "open orders", operation: "Query", tableName: "orders",
                        indexName: "by-status"),
                    perSecond: 30, milliseconds: 9, returnedCount: 20,
                    evaluatedCount: isGood ? 20 : 400,
                    consumed: [
                        (
                            "orders/by-status", { ["OPEN#\(isGood ? $0 % 64 : 0)"] },
                            .reading(isGood ? 5 : 90)
                        )
                    ]),
            ])
        run.design.name = isGood ? "orders-good" : "orders-bad"
        return run
    }

    static func page() -> (LoadReport, String) {
        let report = LoadReport(
            [shop(isGood: false).measurement, shop(isGood: true).measurement],
            budget: try? Budget("p99<5ms,throttle_factor>2,usd_month<20000"))
        return (report, LoadPage(report).html)
    }

    @Test("a page is well-formed, refers to nothing outside, and tells what the report does")
    func whole() throws {
        let (report, html) = Self.page()
        if let path = ProcessInfo.processInfo.environment["BASALT_PAGE"] {
            try Data(html.utf8).write(to: URL(fileURLWithPath: path))
            try Data(report.json).write(to: URL(fileURLWithPath: path + ".json"))
        }
        let body = html.replacing("<!DOCTYPE html>\n", with: "")
        #expect(XMLBalance.fault(in: body) == nil)
        for forbidden in ["src=", "url(", "@import", "<link", "<iframe", "fetch("] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
        #expect(html.contains("customer=CUSTOMER#1"))
        #expect(html.contains("orders-bad against orders-good"))
        for verdict in report.designs.flatMap(\.verdicts) {
            #expect(html.contains(Markup.escaped(verdict.finding)))
        }
    }

    @Test("what comes from outside is escaped")
    func escaping() {
        var run = Self.shop(isGood: true)
        run.design.name = "<script>alert(\"1\")</script>\u{1}&"
        run.design.patterns[0].name = "a<b>'&\""
        let html = LoadPage(LoadReport([run.measurement])).html
        #expect(!html.contains("<script>alert") && !html.contains("a<b>"))
        #expect(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;"))
        #expect(XMLBalance.fault(in: html.replacing("<!DOCTYPE html>\n", with: "")) == nil)
    }

    @Test("a run without a request makes a page as well")
    func empty() {
        let run = SyntheticRun(tables: [.orders()], [])
        let html = LoadPage(LoadReport([run.measurement])).html
        #expect(html.contains("No request was made"))
        #expect(XMLBalance.fault(in: html.replacing("<!DOCTYPE html>\n", with: "")) == nil)
    }

    @Test("scales put their ends at the ends, and ticks between them")
    func scales() {
        let linear = PlotScale.linear(upTo: 930) { "\($0)" }
        #expect(linear.position(0) == 0 && linear.ticks.map(\.value).last == 1_000)
        let tail = PlotScale.percentiles(upTo: 99.9)
        #expect(tail.position(0) == 0 && tail.position(99.9) > 0.999)
        #expect(abs(tail.position(99) - 2 / 3) < 0.001)
        let milliseconds = PlotScale.milliseconds(from: 0.5, to: 80)
        #expect(milliseconds.ticks.map(\.label) == ["1 ms", "10 ms", "100 ms"])
        #expect(milliseconds.position(100) == 1)
    }
}

/// Whether every element of a page is closed where it should be.
enum XMLBalance {
    static func fault(in text: String) -> String? {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            guard let end = rest[start...].firstIndex(of: ">") else { return "unclosed tag" }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return "</\(tag.dropFirst())>" }
            } else if !tag.hasSuffix("/") {
                open.append(tag.prefix { $0 != " " && $0 != "\n" })
            }
        }
        return open.isEmpty ? nil : "open: \(open)"
    }
}
