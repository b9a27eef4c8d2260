internal import Dispatch
package import Logging
package import Operations
package import Storage
internal import Synchronization
internal import Wire

/// Which roles somebody described, and with what policies.
///
/// Kept in the store, and looked up in memory. Safe to use from any thread.
package final class RoleCatalogue: Sendable {
    private struct State {
        var roles: [String: Role] = [:]
        /// Managed policies that were made here, by ARN.
        var managed: [String: CustomerPolicy] = [:]
        /// What each role's policies come to; made when first asked for.
        var effective: [String: [PolicyDocument]] = [:]
    }

    private let records: RecordStore
    private let given: GivenPolicies
    private let state: Mutex<State>
    private let logger: Logger

    /// Reads what the store keeps.
    package init(
        store: any KeyValueStore, given: GivenPolicies, logger: Logger
    ) throws(StorageError) {
        records = RecordStore(store, space: .policies)
        self.given = given
        self.logger = logger
        var state = State()
        for record in try records.records(prefix: "r/") {
            do {
                let role = try Role(record: try JSONValue(parsing: record.value))
                state.roles[role.name] = role
            } catch {
                // Described, and unreadable: better nothing allowed than everything.
                let name = String(decoding: record.key.dropFirst(2), as: UTF8.self)
                state.roles[name] = Role(name: name, createdAt: 0)
                logger.error("the policies of role '\(name)' cannot be read: it may do nothing")
            }
        }
        for record in try records.records(prefix: "m/") {
            guard let json = try? JSONValue(parsing: record.value),
                let policy = try? CustomerPolicy(record: json)
            else {
                logger.error("a managed policy cannot be read: it allows nothing")
                continue
            }
            state.managed[policy.arn] = policy
        }
        self.state = Mutex(state)
    }

    // MARK: Asking

    /// The policies of a role; nil for one that nobody described.
    package func policies(ofRole name: String) -> [PolicyDocument]? {
        state.withLock { state in
            if let known = state.effective[name] { return known }
            let role = state.roles[name]
            let fromFile = given.roles[name]
            guard role != nil || fromFile != nil else { return nil }
            var documents = (fromFile ?? []).map(\.document)
            documents += (role?.inlinePolicies ?? []).map(\.document)
            var unknown: [String] = []
            for arn in role?.attachedPolicies ?? [] {
                if let policy = state.managed[arn] {
                    documents.append(policy.policy.document)
                } else if let policy = NamedPolicy(managed: arn) {
                    documents.append(policy.document)
                    if ManagedPolicies.document(arn: arn) == nil { unknown.append(arn) }
                } else {
                    unknown.append(arn)
                }
            }
            for arn in unknown {
                logger.warning("role '\(name)': managed policy \(arn) allows nothing here")
            }
            state.effective[name] = documents
            return documents
        }
    }

    /// The policies that were given for an access key; nil where there are none.
    package func policies(ofUser accessKeyID: String) -> [PolicyDocument]? {
        given.users[accessKeyID].map { $0.map(\.document) }
    }

    /// Whether policies were given for any access key.
    package var hasUsers: Bool { !given.users.isEmpty }

    package func role(_ name: String) -> Role? { state.withLock { $0.roles[name] } }

    /// The roles in the order of their names.
    package var roles: [Role] {
        state.withLock { $0.roles.values.sorted { $0.name < $1.name } }
    }

    /// The names of roles that a file describes.
    package var rolesOfFile: [String] { given.roles.keys.sorted() }

    package func managedPolicy(_ arn: String) -> CustomerPolicy? {
        state.withLock { $0.managed[arn] }
    }

    package var managedPolicies: [CustomerPolicy] {
        state.withLock { $0.managed.values.sorted { $0.arn < $1.arn } }
    }

    // MARK: Changing

    /// A change of the catalogue, made while nobody else makes one.
    package struct Change {
        package var roles: [String: Role]
        package var managed: [String: CustomerPolicy]
    }

    /// Changes roles and managed policies, all or nothing; what the body throws refuses the change.
    ///
    /// The completion is called when that is durable.
    package func change(
        _ body: (inout Change) throws(ServiceError) -> Void,
        completion: @escaping @Sendable (Result<Void, ServiceError>) -> Void
    ) {
        let refusal = state.withLock { state -> ServiceError? in
            var change = Change(roles: state.roles, managed: state.managed)
            do throws(ServiceError) {
                try body(&change)
            } catch {
                return error
            }
            var writes: [(key: [UInt8], value: [UInt8]?)] = []
            Self.compare(state.roles, change.roles, "r/", { $0.record }, into: &writes)
            Self.compare(state.managed, change.managed, "m/", { $0.record }, into: &writes)
            state.roles = change.roles
            state.managed = change.managed
            state.effective = [:]
            // Within the lock, so that the store sees changes in the same order.
            records.write(writes) { result in
                completion(result.mapError { .internalServerError("\($0)") })
            }
            return nil
        }
        if let refusal { completion(.failure(refusal)) }
    }

    private static func compare<Value>(
        _ old: [String: Value], _ changed: [String: Value], _ prefix: String,
        _ record: (Value) -> JSONValue, into writes: inout [(key: [UInt8], value: [UInt8]?)]
    ) {
        for (name, value) in changed {
            let bytes = record(value).encoded
            if let before = old[name], record(before).encoded == bytes { continue }
            writes.append((Array((prefix + name).utf8), bytes))
        }
        for name in old.keys where changed[name] == nil {
            writes.append((Array((prefix + name).utf8), nil))
        }
    }
}
