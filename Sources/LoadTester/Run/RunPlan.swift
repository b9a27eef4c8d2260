/// What every lane of a run needs, unchanged throughout.
struct RunPlan: Sendable {
    let target: LoadTarget
    let walk: ArrivalWalk
    let maker: RequestMaker
    let reading: AnswerReading
    let head: RequestHead
    let laneCount: Int
    let isClosedLoop: Bool
    /// When the last phase ends, in nanoseconds since the run began.
    let endNanoseconds: UInt64
    /// When what is due and unsent, or unanswered, is given up.
    let giveUpNanoseconds: UInt64
    let timeoutNanoseconds: UInt64 = 30_000_000_000
    private let phases: [(index: Int, end: UInt64)]

    init(design: Design, workload: Workload, target: LoadTarget, laneCount: Int) {
        self.target = target
        self.laneCount = laneCount
        walk = ArrivalWalk(
            design: design, workload: workload,
            rates: design.patterns.map { $0.targetRate ?? $0.weight })
        maker = RequestMaker(design: design, workload: workload)
        reading = AnswerReading(design: design, workload: workload)
        head = RequestHead(target: target)
        isClosedLoop = workload.arrivals == .max
        var end = 0.0
        phases = design.phases.enumerated().compactMap { index, phase in
            guard phase.kind != .load else { return nil }
            end += phase.seconds
            return (index, UInt64(end * 1e9))
        }
        endNanoseconds = UInt64(end * 1e9)
        // A server that can't keep up is waited for, but not longer than the run took.
        giveUpNanoseconds = UInt64((end + min(max(end, 2), 10)) * 1e9)
    }

    /// The phase of a moment.
    func phase(at now: UInt64) -> Int {
        phases.first { now < $0.end }?.index ?? phases.last?.index ?? 0
    }
}
