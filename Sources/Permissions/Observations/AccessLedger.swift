internal import Logging
internal import Operations
package import Storage
internal import Synchronization
internal import Wire

/// What principals asked for, and what their policies said.
///
/// Counted in memory, and kept in the store from the first time on. Safe to use from any thread.
package final class AccessLedger: Sendable {
    /// One action of one principal on one resource.
    package struct Call: Sendable, Hashable {
        package var principal: String
        package var action: String
        package var resource: String
    }

    /// How often it was asked for since the server began, and what became of it.
    package struct Tally: Sendable, Hashable {
        /// Calls since the server began.
        package var count = 0
        /// Of those, calls that policies did not allow.
        package var denials = 0
        /// What policies said last.
        package var decision: AccessDecision
    }

    /// The most calls that are kept apart; what comes later is decided but not told.
    private static let callsMax = 20_000

    private let records: RecordStore
    private let tallies: Mutex<[Call: Tally]>

    /// Reads what earlier processes observed.
    package init(store: any KeyValueStore) throws(StorageError) {
        records = RecordStore(store, space: .policies)
        var known: [Call: Tally] = [:]
        for record in try records.records(prefix: "a/") {
            guard let json = try? JSONValue(parsing: record.value),
                let principal = json["Principal"]?.string, let action = json["Action"]?.string,
                let resource = json["Resource"]?.string,
                let decision = json["Decision"]?.string.flatMap(AccessDecision.init(name:))
            else { continue }
            let call = Call(principal: principal, action: action, resource: resource)
            known[call] = Tally(decision: decision)
        }
        tallies = Mutex(known)
    }

    /// Counts a call.
    ///
    /// - Returns: whether this principal's call meets this decision for the first time since the
    ///   server began.
    func record(_ call: Call, _ decision: AccessDecision) -> Bool {
        // A resource that no ARN can be would be a wildcard in a policy that is made of it.
        let isResource =
            call.resource.utf8.allSatisfy(Self.isResourceByte)
            || !ActionCatalogue.hasResources(call.action)
        let (isFirst, isKept) = tallies.withLock { tallies -> (Bool, Bool) in
            let known = tallies[call]
            guard known != nil || tallies.count < Self.callsMax && isResource else {
                return (false, true)
            }
            var tally = known ?? Tally(decision: decision)
            let isFirst = tally.count == 0 || tally.decision != decision
            let isKept = known?.decision == decision
            tally.count += 1
            if !decision.isAllowed { tally.denials += 1 }
            tally.decision = decision
            tallies[call] = tally
            return (isFirst, isKept)
        }
        if !isKept { keep(call, decision) }
        return isFirst
    }

    private func keep(_ call: Call, _ decision: AccessDecision) {
        let key = "a/\(call.principal)/\(call.action)/\(call.resource)"
        let record = JSONValue.object([
            ("Principal", .string(call.principal)), ("Action", .string(call.action)),
            ("Resource", .string(call.resource)), ("Decision", .string(decision.name)),
        ])
        // A record that is lost is made again by the next process's first such call.
        records.write([(Array(key.utf8), record.encoded)]) { _ in }
    }

    /// Everything observed, of one principal or all, in order.
    package func calls(of principal: String? = nil) -> [(call: Call, tally: Tally)] {
        tallies.withLock { tallies in
            tallies.filter { principal == nil || $0.key.principal == principal }
        }.map { (call: $0.key, tally: $0.value) }.sorted {
            ($0.call.principal, $0.call.resource, $0.call.action)
                < ($1.call.principal, $1.call.resource, $1.call.action)
        }
    }

    /// Forgets what a principal, or everybody, asked for.
    package func forget(_ principal: String?) {
        let gone = tallies.withLock { tallies -> [Call] in
            let gone = tallies.keys.filter { principal == nil || $0.principal == principal }
            for call in gone { tallies[call] = nil }
            return gone
        }
        let keys = gone.map { Array("a/\($0.principal)/\($0.action)/\($0.resource)".utf8) }
        records.write(keys.map { (key: $0, value: nil) }) { _ in }
    }

    private static func isResourceByte(_ byte: UInt8) -> Bool {
        Role.isNameByte(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/")
    }
}

extension AccessDecision {
    /// How the report and the store write it.
    package var name: String {
        switch self {
        case .allowed: "allowed"
        case .notAllowed: "implicitDeny"
        case .denied(let kind): "explicitDeny:\(kind.rawValue)"
        }
    }

    init?(name: String) {
        switch name {
        case "allowed": self = .allowed
        case "implicitDeny": self = .notAllowed
        default:
            let parts = name.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0] == "explicitDeny",
                let kind = PolicyKind(rawValue: String(parts[1]))
            else { return nil }
            self = .denied(by: kind)
        }
    }
}
