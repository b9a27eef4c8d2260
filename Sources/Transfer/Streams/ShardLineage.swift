internal import Wire

/// The shards of a stream: which are read, which must wait for their parents, which are done.
///
/// A shard is read only when its parent has been read to its end, so the records of a key come in
/// order whatever splits. A parent that is not listed any more has been trimmed: nothing of it can
/// be read.
struct ShardLineage: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case waiting
        case reading
        case done
    }

    /// Where the reading of a shard begins.
    enum Start: Sendable, Equatable {
        case trimHorizon
        case latest
    }

    struct Shard: Sendable, Equatable {
        let id: String
        let parent: String?
        var state = State.waiting
        var start = Start.trimHorizon
    }

    /// In the order in which they became known.
    private(set) var shards: [Shard] = []
    private var places: [String: Int] = [:]

    /// Takes note of shards; those known before keep their state.
    ///
    /// - Parameter isFirstLook: with `fromNow`, closed shards are left out and open ones begin at
    ///   their latest record; whatever comes later was made after, and is read from its begin.
    mutating func note(_ described: [JSONValue], isFirstLook: Bool, fromNow: Bool) {
        for shard in described {
            guard let id = shard["ShardId"]?.string, places[id] == nil else { continue }
            var added = Shard(id: id, parent: shard["ParentShardId"]?.string)
            if isFirstLook, fromNow {
                let isClosed = shard["SequenceNumberRange"]?["EndingSequenceNumber"] != nil
                added.state = isClosed ? .done : .waiting
                added.start = .latest
            }
            places[id] = shards.count
            shards.append(added)
        }
    }

    /// The shards whose reading may begin, which counts as begun.
    mutating func begin() -> [Shard] {
        var begun: [Shard] = []
        for index in shards.indices where shards[index].state == .waiting {
            let parent = shards[index].parent.flatMap { places[$0] }
            if let parent, shards[parent].state != .done { continue }
            shards[index].state = .reading
            begun.append(shards[index])
        }
        return begun
    }

    mutating func end(_ id: String) {
        if let place = places[id] { shards[place].state = .done }
    }
}
