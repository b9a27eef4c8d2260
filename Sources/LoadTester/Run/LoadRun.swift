internal import Glibc
internal import Histogram
internal import NIOCore
internal import NIOPosix

/// The measured part of a load test: sends a design's requests and tells recorders of each.
package final class LoadRun: Sendable {
    private let plan: RunPlan
    private let design: Design
    private let target: LoadTarget
    private let group: MultiThreadedEventLoopGroup
    private let lanes: [DriverLane]

    /// - Parameters:
    ///   - laneCount: threads; each has its share of the design's clients, at least one.
    ///   - recorder: makes the recorder of a thread, by its number.
    package init(
        design: Design, workload: Workload, target: LoadTarget, laneCount: Int,
        recorder: (Int) -> any RunRecorder
    ) {
        let laneCount = max(1, min(laneCount, design.clientCount))
        let plan = RunPlan(
            design: design, workload: workload, target: target, laneCount: laneCount)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: laneCount)
        self.plan = plan
        self.design = design
        self.target = target
        self.group = group
        lanes = (0..<laneCount).map {
            DriverLane(plan: plan, recorder: recorder($0), number: $0, loop: group.next())
        }
    }

    /// Runs all phases, or until `stop`.
    package func run() async throws(LoadFault) -> RunFacts {
        do {
            let facts = try await runLanes()
            try await group.shutdownGracefully()
            return facts
        } catch {
            try? await group.shutdownGracefully()
            throw error as? LoadFault
                ?? LoadFault("cannot connect to \(target.endpoint): \(Self.reason(error))")
        }
    }

    /// Ends the run early: what is under way is still answered.
    package func stop() {
        for lane in lanes { lane.stop() }
    }

    private func runLanes() async throws -> RunFacts {
        for (number, lane) in lanes.enumerated() {
            let share =
                design.clientCount * (number + 1) / lanes.count
                - design.clientCount * number / lanes.count
            try await lane.connect(count: max(share, 1))
        }
        let before = Self.cpuSeconds()
        let startedAt = Self.now()
        let origin = NIODeadline.now().uptimeNanoseconds + 5_000_000
        let ends = lanes.map { $0.start(origin: origin) }
        for end in ends { try await end.get() }
        // Stopped at once, it may end before it began.
        let now = NIODeadline.now().uptimeNanoseconds
        let ended = now > origin ? now - origin : 0
        return facts(
            startedAt: startedAt, ended: ended, cpuSeconds: Self.cpuSeconds() - before)
    }

    private func facts(startedAt: Double, ended: UInt64, cpuSeconds: Double) -> RunFacts {
        var lag = Histogram<UInt64>(
            highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
        lag.autoResize = true
        for lane in lanes { lag.add(lane.lag) }
        var began = 0.0
        let phases = design.phases.map { phase -> (began: UInt64, ended: UInt64) in
            guard phase.kind != .load else { return (0, 0) }
            let start = UInt64(began * 1e9)
            began += phase.seconds
            return (min(start, ended), min(UInt64(began * 1e9), ended))
        }
        var facts = RunFacts(
            endpoint: target.endpoint, startedAt: startedAt, phases: phases,
            lagP50: lag.valueAtPercentile(50), lagP99: lag.valueAtPercentile(99),
            lagMax: lag.totalCount > 0 ? lag.max : 0, driverCPUSeconds: cpuSeconds)
        facts.sentCount = lanes.reduce(0) { $0 + $1.sentCount }
        facts.unsentCount = lanes.reduce(0) { $0 + $1.unsentCount }
        facts.endedEarly =
            ended + 1_000_000 < plan.endNanoseconds && lanes.contains(where: \.wasStopped)
        return facts
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? NIOConnectionError {
            return error.connectionErrors.first.map { "\($0.error)" } ?? "\(error.host)"
        }
        return "\(error)"
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// CPU seconds of the process so far.
    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double {
            Double(time.tv_sec) + Double(time.tv_usec) / 1e6
        }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
