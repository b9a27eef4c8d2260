internal import Operations

/// Counts what became of the requests of each pattern.
package final class CountingRecorder: RunRecorder {
    package struct Tally: Sendable, Hashable {
        package var requestCount = 0
        package var failures: [String: Int] = [:]
        package var readUnits = 0.0
        package var writeUnits = 0.0
        /// The sum of latencies, in nanoseconds.
        package var latencySum: UInt64 = 0
    }

    /// By the number of the pattern.
    package private(set) var tallies: [Tally]

    package init(design: Design) {
        tallies = Array(repeating: Tally(), count: design.patterns.count)
    }

    package func record(_ request: CompletedRequest) {
        tallies[request.pattern].requestCount += 1
        tallies[request.pattern].latencySum &+=
            request.answered > request.due ? request.answered - request.due : 0
        if case .failure(let code, _) = request.outcome {
            tallies[request.pattern].failures[code, default: 0] += 1
        }
        for consumed in request.consumed {
            tallies[request.pattern].readUnits += consumed.units.read.value
            tallies[request.pattern].writeUnits += consumed.units.write.value
        }
    }

    /// The tallies of several threads together.
    package static func sum(_ recorders: [CountingRecorder]) -> [Tally] {
        guard var sum = recorders.first?.tallies else { return [] }
        for recorder in recorders.dropFirst() {
            for (place, tally) in recorder.tallies.enumerated() {
                sum[place].requestCount += tally.requestCount
                sum[place].latencySum &+= tally.latencySum
                sum[place].readUnits += tally.readUnits
                sum[place].writeUnits += tally.writeUnits
                sum[place].failures.merge(tally.failures, uniquingKeysWith: +)
            }
        }
        return sum
    }
}
