import CAllocationCount
import Glibc

/// What one benchmark came to.
struct Figures {
    var name: String
    /// CPU time of the whole process per operation: the median of the runs.
    var nanoseconds: Double
    /// Heap allocations of all threads per operation.
    var allocations: Double
}

/// Measures closures: CPU time in several runs, allocations in some more.
struct Measurement {
    private static let runCount = 7
    private static let runNanoseconds = 60_000_000.0
    private static let countCount = 20
    private static let countedOperations = 2_000

    /// Only benchmarks whose name has this in it are run.
    let filter: String?
    private(set) var all: [Figures] = []

    init(filter: String?) {
        self.filter = filter
    }

    /// Whether a benchmark is to be run.
    func wants(_ name: String) -> Bool { filter.map { name.contains($0) } ?? true }

    /// Measures an operation that is done `count` times by one call of `body`.
    mutating func measure(_ name: String, batch body: (_ count: Int) throws -> Void) rethrows {
        guard wants(name) else { return }
        // The warm-up also tells how many operations fill a run.
        try body(200)
        let begin = Self.cpuNanoseconds()
        try body(1_000)
        let each = max(1, (Self.cpuNanoseconds() - begin) / 1_000)
        let count = max(1_000, Int(Self.runNanoseconds / each))
        var runs: [Double] = []
        for _ in 0..<Self.runCount {
            let start = Self.cpuNanoseconds()
            try body(count)
            runs.append((Self.cpuNanoseconds() - start) / Double(count))
        }
        let figures = Figures(
            name: name, nanoseconds: runs.sorted()[Self.runCount / 2],
            allocations: try Self.allocations(body))
        all.append(figures)
    }

    /// Measures one operation; what it returns is kept from being optimised away.
    mutating func measure<Result>(_ name: String, _ body: () throws -> Result) rethrows {
        try measure(
            name,
            batch: { count in
                for _ in 0..<count { keep(try body()) }
            })
    }

    /// Allocations per operation, the least of several counts: what a busy machine adds by
    /// forming smaller commit groups is left out, what the code does is in every count.
    private static func allocations(_ body: (_ count: Int) throws -> Void) rethrows -> Double {
        var least = UInt64.max
        allocation_count_enable(1)
        defer { allocation_count_enable(0) }
        for _ in 0..<countCount {
            let before = allocation_count()
            try body(countedOperations)
            least = min(least, allocation_count() - before)
        }
        return Double(least) / Double(countedOperations)
    }

    private static func cpuNanoseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

/// Takes a value as a function would of which the optimiser knows nothing.
@inline(never)
@_optimize(none)
func keep<Value>(_ value: Value) {}
