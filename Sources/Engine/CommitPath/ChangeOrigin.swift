/// Who asked for a change of an item.
package enum ChangeOrigin: Sendable {
    /// A request.
    case request
    /// The service itself, when an item expired: such a delete is free, and marked in streams.
    case timeToLive
}
