/// What is known of a request while policies are evaluated: the values of condition keys.
struct PolicyValues {
    private let lookup: (String) -> [String]?

    /// - Parameter lookup: the values of a key, whose name is given in lower case; nil where the
    ///   request has no such key.
    init(_ lookup: @escaping (String) -> [String]?) {
        self.lookup = lookup
    }

    /// Values by key.
    init(_ values: [String: [String]]) {
        let lowered = Dictionary(
            values.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { _, last in last })
        lookup = { lowered[$0] }
    }

    func value(_ key: String) -> [String]? { lookup(key) }
}
