import Engine
import Foundation
import Operations
import TestSupport
import Testing

@Suite struct TablePartitionsTests {
    @Test(arguments: [1, 2, 3, 4, 7, 40])
    func rangesCoverTheSpaceEvenly(_ count: Int) {
        let partitions = TablePartitions(count: count)
        #expect(partitions.count == count)
        var next: UInt64? = 0
        for partition in 0..<count {
            let hashes = partitions.hashes(of: partition)
            #expect(hashes.lowerBound == next)
            #expect(partitions.partition(ofHash: hashes.lowerBound) == partition)
            #expect(partitions.partition(ofHash: hashes.upperBound) == partition)
            let width = Double(hashes.upperBound - hashes.lowerBound)
            #expect(abs(width / pow(2, 64) - 1 / Double(count)) < 1e-9)
            next = hashes.upperBound == .max ? nil : hashes.upperBound + 1
        }
        #expect(next == nil)
    }

    @Test func splitsCutAtTheMiddle() {
        var partitions = TablePartitions(count: 1)
        func split(_ partition: Int) -> Bool { partitions.split(partition) }
        #expect(split(0))
        #expect(partitions == TablePartitions(lowerHashes: [0, 1 << 63]))
        #expect(split(1))
        #expect(partitions.lowerHashes == [0, 1 << 63, 3 << 62])
        #expect(partitions.widest == 0)
        #expect(!split(3))
        #expect(!split(-1))
        partitions = TablePartitions(lowerHashes: [0, 1, 3]) ?? partitions
        #expect(!split(0))
        #expect(split(1))
        #expect(partitions.lowerHashes == [0, 1, 2, 3])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func everyHashHasItsPartition(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var partitions = TablePartitions(count: Int.random(in: 1...5, using: &generator))
        for _ in 0..<30 {
            _ = partitions.split(Int.random(in: 0..<partitions.count, using: &generator))
        }
        for _ in 0..<200 {
            let hash = UInt64.random(in: .min ... .max, using: &generator)
            let partition = partitions.partition(ofHash: hash)
            #expect(partitions.hashes(of: partition).contains(hash), "seed \(seed)")
        }
    }

    @Test func theyAreKeptAsJSON() throws {
        var partitions = TablePartitions(count: 3)
        partitions.grow(to: 9)
        #expect(partitions.count == 9)
        let json = try JSONEncoder().encode(partitions)
        #expect(try JSONDecoder().decode(TablePartitions.self, from: json) == partitions)
        for text in ["[]", "[1]", "[0,0]", "[0,5,4]", "{}", "[-1]"] {
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode(TablePartitions.self, from: Data(text.utf8))
            }
        }
    }

    @Test func throughputTellsTheCount() throws {
        let harness = TableHarness()
        func count(_ edit: (inout CreateTableRequest) -> Void) throws -> Int {
            try harness.create(edit)
            defer { _ = failure { () throws(ServiceError) in try harness.delete() } }
            return try #require(
                harness.staging.table(named: "Music", region: harness.context.region)
            ).partitions.count
        }
        #expect(try count { _ in } == 4)
        #expect(try count { $0.provision(5, 5) } == 1)
        #expect(try count { $0.provision(3_000, 1_000) } == 1)
        #expect(try count { $0.provision(3_001, 1) } == 2)
        #expect(try count { $0.provision(1, 1_001) } == 2)
        #expect(try count { $0.provision(40_000, 40_000) } == 40)
    }

    @Test func moreThroughputSplitsAndLessMergesNothing() throws {
        let harness = TableHarness()
        try harness.create { $0.provision(5, 5) }
        func count() throws -> Int {
            try #require(harness.staging.table(named: "Music", region: harness.context.region))
                .partitions.count
        }
        try harness.update {
            $0.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 5, writeCapacityUnits: 2_500)
        }
        #expect(try count() == 3)
        try harness.update {
            $0.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 5, writeCapacityUnits: 5)
        }
        #expect(try count() == 3)
        try harness.update { $0.billingMode = .payPerRequest }
        #expect(try count() == 4)
    }
}
