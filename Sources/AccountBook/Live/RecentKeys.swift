/// The keys of the present minute and the last, by table or index and minute, for live views.
struct RecentKeys: Sendable {
    typealias Lists = [UInt64: [HotKey]]

    private var hottest: Lists = [:]
    private var throttled: Lists = [:]

    /// Adds what a stripe holds.
    mutating func add(_ notes: LiveStripe.Notes) {
        Self.add(notes.hotKeys.mapValues(\.keys), to: &hottest)
        Self.add(notes.throttledKeys.mapValues(\.keys), to: &throttled)
    }

    mutating func add(_ other: RecentKeys) {
        Self.add(other.hottest, to: &hottest)
        Self.add(other.throttled, to: &throttled)
    }

    private static func add(_ lists: Lists, to sums: inout Lists) {
        for (place, keys) in lists {
            sums[place] = sums[place].map { HotKey.merged([$0, keys]) } ?? keys
        }
    }

    /// Forgets what is older than the minute before this one.
    mutating func forget(before minute: UInt32) {
        func isRecent(_ place: UInt64) -> Bool { place >> 32 + 1 >= UInt64(minute) }
        hottest = hottest.filter { isRecent($0.key) }
        throttled = throttled.filter { isRecent($0.key) }
    }

    /// The hottest keys of a table or index in the present minute, else in the last.
    func hottest(of resource: UInt32, minute: UInt32) -> [HotKey] {
        Self.latest(hottest, resource, minute)
    }

    /// Those whose work met limits most often; a half unit stands for one time.
    func throttled(of resource: UInt32, minute: UInt32) -> [HotKey] {
        Self.latest(throttled, resource, minute)
    }

    private static func latest(_ lists: Lists, _ resource: UInt32, _ minute: UInt32) -> [HotKey] {
        lists[UInt64(minute) << 32 | UInt64(resource)]
            ?? lists[UInt64(minute &- 1) << 32 | UInt64(resource)] ?? []
    }
}
