import Foundation
import Logging
import Operations
import TestSupport
import Testing

@testable import AccountBook

@Suite("What a power cut left of usage.live")
struct LiveMemoryTests {
    /// Chunks begin after a page, and have 16 pages each.
    private let pageBytes = LiveMemory.pageBytes

    private func contents(_ fixture: borrowing BookFixture) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: fixture.path)))
    }

    /// Writes of so many callers: a slot each for the table and for the index.
    private func count(_ callers: Int, in book: AccountBook) {
        for number in 0..<callers { book.book(.write("a"), caller: "caller-\(number)") }
    }

    @Test("slots fill their pages, and none lies across two")
    func layout() {
        var end = 0
        for place in 0..<LiveSlot.slotsPerChunk {
            let start = LiveSlot.offset(of: place)
            let (first, last) = (start, start + LiveSlot.byteCount - 1)
            #expect(first / pageBytes == last / pageBytes)
            #expect(first >= end && first % pageBytes >= 16)
            end = last + 1
        }
        #expect(end == LiveMemory.chunkBytes)
    }

    @Test("a page of the chunk's last use is not counted a second time")
    func stalePages() throws {
        let fixture = try BookFixture()
        var book: AccountBook? = try fixture.open()
        count(40, in: try #require(book))
        let before = try contents(fixture)
        #expect(try book?.report().total.writeUnits == 160)
        count(40, in: try #require(book))
        book = nil
        var after = try contents(fixture)
        // This thread's chunk came back: the same pages are used again.
        let used = stride(from: pageBytes, to: after.count, by: pageBytes).filter { offset in
            after[offset..<(offset + pageBytes)] != before[offset..<(offset + pageBytes)]
        }
        #expect(used.count >= 2)
        let torn = try #require(used.last)
        after.replaceSubrange(
            torn..<(torn + pageBytes), with: before[torn..<(torn + pageBytes)])
        try Data(after).write(to: URL(fileURLWithPath: fixture.path))
        let units = try fixture.open().report().total.writeUnits
        #expect(units < 320, "what the page held is missing")
        #expect(units >= 160 && units <= 320, "what the store has stays, once")
    }

    @Test("a file that is cut, foreign or full of noise does not keep the book from opening")
    func damage() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for turn in 0..<12 {
            let fixture = try BookFixture()
            do {
                let book = try fixture.open()
                count(60, in: book)
                _ = try book.report()
                count(60, in: book)
            }
            var bytes = try contents(fixture)
            switch turn % 4 {
            case 0: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            case 1: bytes[Int.random(in: 0..<24, using: &random)] ^= 0xFF
            case 2:
                for _ in 0..<2_000 {
                    let place = pageBytes + Int.random(in: 0..<(8 * 4_096), using: &random)
                    bytes[place] = .random(in: 0...255, using: &random)
                }
            default:
                // Numbers that no chunk ever had.
                for chunk in 0..<20 {
                    let start = pageBytes + chunk * LiveMemory.chunkBytes
                    for byte in start..<(start + 16) { bytes[byte] = 0xFF }
                }
            }
            try Data(bytes).write(to: URL(fileURLWithPath: fixture.path))
            let book = try fixture.open()
            for dimension in UsageDimension.allCases {
                _ = try book.report(dimension, whatIf: WhatIf.parse("provisioned,pitr,backup"))
            }
            _ = MetricsText(book.thread.sync { book.liveCounts() }, mappings: []).text
            count(5, in: book)
            let total = try book.report().total.writeUnits
            #expect(total >= 240 + 20, "turn \(turn), seed \(seed)")
            // And what is counted from then on outlives the process; noise may count as anything.
            count(5, in: book)
            let outlived = try fixture.open().report().total.writeUnits
            #expect(outlived == total + 20 || total > 1e15, "turn \(turn), seed \(seed)")
        }
    }

    @Test("what is counted is brought onto the device once, not while nothing happens")
    func sync() throws {
        let fixture = try BookFixture()
        let book = try fixture.open()
        #expect(book.stripes.allSatisfy { !$0.takeUnsynced() })
        count(1, in: book)
        #expect(book.stripes.filter { $0.takeUnsynced() }.count == 1)
        book.memory.sync()
        #expect(book.stripes.allSatisfy { !$0.takeUnsynced() })
    }
}
