/// A fair sample of requests with all that each did in tables and indexes: each as likely.
struct RequestSample: Sendable {
    struct Request: Sendable {
        var due: UInt64
        var consumed: [MeasuredUnits]
    }

    static let requestsMax = 4_096

    private(set) var requests: [Request] = []
    /// How many there were of which these are the sample.
    private(set) var count: UInt64 = 0

    mutating func offer(_ request: CompletedRequest, using random: inout SplitMix) {
        guard !request.consumed.isEmpty else { return }
        count += 1
        if requests.count < Self.requestsMax {
            requests.append(Request(due: request.due, consumed: request.consumed))
            return
        }
        let number = random.below(count)
        guard number < UInt64(Self.requestsMax) else { return }
        requests[Int(number)] = Request(due: request.due, consumed: request.consumed)
    }

    /// Joins two samples into one that is as fair.
    mutating func merge(_ other: RequestSample, using random: inout SplitMix) {
        var (mine, theirs) = (requests.shuffled(using: &random), other.requests)
        theirs.shuffle(using: &random)
        var (myCount, theirCount) = (count, other.count)
        var joined: [Request] = []
        while joined.count < Self.requestsMax, !(mine.isEmpty && theirs.isEmpty) {
            let takesMine =
                theirs.isEmpty || (!mine.isEmpty && random.below(myCount + theirCount) < myCount)
            if takesMine, let request = mine.popLast() {
                joined.append(request)
                myCount -= 1
            } else if let request = theirs.popLast() {
                joined.append(request)
                theirCount -= 1
            }
        }
        requests = joined
        count += other.count
    }
}
