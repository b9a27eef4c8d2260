package import Operations

/// From names to functions that can run.
extension FunctionCatalogue: FunctionDirectory {
    /// `arn:aws:lambda:us-east-1:000000000000:function:orders`, with a qualifier if told one.
    func arn(_ key: FunctionKey, _ qualifier: String? = nil) -> String {
        let base =
            "arn:aws:lambda:\(key.region):\(environment.accountID):function:\(key.name)"
        return qualifier.map { "\(base):\($0)" } ?? base
    }

    /// What a name and a qualifier beside it name in a region, whether it is there or not.
    ///
    /// - Parameter action: what is to be done, for the refusal of other accounts.
    func locate(
        _ name: String, qualifier: String?, region: String, action: String
    ) throws(ServiceError) -> (key: FunctionKey, qualifier: String?) {
        guard let reference = FunctionReference(name) else {
            throw .constraints([
                "Value '\(name)' at 'functionName' failed to satisfy constraint: Member must "
                    + "satisfy regular expression pattern: \(Self.namePattern)"
            ])
        }
        if let told = reference.qualifier, let qualifier, told != qualifier {
            throw .invalidParameterValue(
                "The derived qualifier from the function name does not match the specified "
                    + "qualifier.")
        }
        if let told = reference.region, told != region {
            throw .notFound(
                "Functions from '\(told)' are not reachable in this region ('\(region)')")
        }
        let key = FunctionKey(region: region, name: reference.name)
        if let account = reference.account, account != environment.accountID {
            throw .lambda(
                "AccessDeniedException",
                "User: arn:aws:iam::\(environment.accountID):root is not authorized to perform: "
                    + "lambda:\(action) on resource: arn:aws:lambda:\(region):\(account):function:"
                    + "\(reference.name) because no resource-based policy allows the "
                    + "lambda:\(action) action", 403)
        }
        return (key, qualifier ?? reference.qualifier)
    }

    private static let namePattern =
        #"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"#
        + #"(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"#

    package func resolve(
        _ name: String, qualifier: String?, region: String
    ) throws(ServiceError) -> ResolvedFunction {
        let (key, qualifier) = try locate(
            name, qualifier: qualifier, region: region, action: "InvokeFunction")
        let state = snapshot
        guard let record = state.functions[key] else {
            throw .functionNotFound(arn(key, qualifier))
        }
        var version = qualifier
        if let qualifier, let alias = record.aliases[qualifier] {
            version = Self.version(of: alias, draw: Double.random(in: 0..<1))
        }
        guard let configuration = record.version(version ?? FunctionRecord.latest) else {
            throw .functionNotFound(arn(key, qualifier))
        }
        let invoke = record.eventInvokes[qualifier ?? FunctionRecord.latest]
        return ResolvedFunction(
            configuration: configuration, functionArn: arn(key), invokedArn: arn(key, qualifier),
            codeDirectory: configuration.developmentDirectory
                ?? code.codeDirectory(configuration.codeSha256),
            layerDirectory: code.layerDirectory(Self.hashes(ofLayers: configuration, in: state)),
            reservedConcurrency: record.reservedConcurrency,
            regionReservations: state.reservations[key.region] ?? 0,
            eventInvoke: invoke?.configuration ?? EventInvokeConfiguration())
    }

    /// The version that an alias sends an invocation to.
    ///
    /// - Parameter draw: 0..<1, at random.
    static func version(of alias: FunctionAlias, draw: Double) -> String {
        var rest = draw
        for (version, weight) in alias.weights.sorted(by: { $0.key < $1.key }) {
            if rest < weight { return version }
            rest -= weight
        }
        return alias.functionVersion
    }
}
