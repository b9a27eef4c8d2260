internal import Operations

/// Which shards of a stream may be processed: a child only after its parent is drained.
struct ShardLineage: Sendable {
    /// Shards that are done, durably.
    private(set) var ended: Set<String>
    private(set) var started: Set<String> = []

    init(ended: Set<String> = []) { self.ended = ended }

    /// What a look at the stream's shards leads to.
    struct Step: Sendable, Equatable {
        /// Shards to be started now, parents' ends having been seen.
        var starts: [ShardDescription] = []
        /// Shards that ended and that the stream no longer tells of: nobody asks for them again.
        var forgets: [String] = []
    }

    /// - Parameter shards: all that the stream tells of.
    mutating func look(_ shards: [ShardDescription]) -> Step {
        var step = Step()
        let told = Set(shards.map(\.shardId))
        for shard in shards where !ended.contains(shard.shardId) {
            guard !started.contains(shard.shardId) else { continue }
            // A parent that the stream no longer tells of is past retention.
            if let parent = shard.parentShardId, told.contains(parent), !ended.contains(parent) {
                continue
            }
            started.insert(shard.shardId)
            step.starts.append(shard)
        }
        step.forgets = ended.filter { !told.contains($0) }.sorted()
        ended.subtract(step.forgets)
        return step
    }

    /// A shard's processing came to its end.
    ///
    /// - Parameter isDrained: false where it was only stopped, and may be started again.
    mutating func finish(_ shardId: String, isDrained: Bool) {
        started.remove(shardId)
        if isDrained { ended.insert(shardId) }
    }
}
