internal import Operations
internal import Wire

/// Versions and aliases.
extension LambdaAPI {
    // MARK: Versions

    /// Gives a function's latest version a number, unless nothing changed since the last one.
    ///
    /// - Returns: the number, of the new version or of the last.
    func publish(_ record: inout FunctionRecord, description: String?) -> Int {
        let last = record.versions.keys.max().flatMap { record.versions[$0] }
        if let last, Self.content(last) == Self.content(record.latest) {
            return Int(last.version) ?? record.lastVersion
        }
        record.lastVersion += 1
        var version = record.latest
        version.version = String(record.lastVersion)
        version.revisionId = RandomIdentifier.uuid()
        if let description { version.description = description }
        record.versions[record.lastVersion] = version
        return record.lastVersion
    }

    /// What makes a version another: all but its number and its stamps.
    private static func content(_ configuration: FunctionConfiguration) -> FunctionConfiguration {
        var content = configuration
        content.version = ""
        content.description = ""
        content.revisionId = ""
        content.lastModified = ""
        return content
    }

    func publishVersion(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let version = try catalogue.change { state throws(ServiceError) in
            var (record, _) = try self.record(input, in: state)
            try Self.checkRevision(input, record.latest)
            if let hash = input.string("CodeSha256"), !hash.isEmpty,
                hash != record.latest.codeSha256
            {
                throw .invalidParameterValue(
                    "CodeSHA256 (\(hash)) is different from current CodeSHA256 in $LATEST "
                        + "(\(record.latest.codeSha256)). Please try again with the CodeSHA256 in "
                        + "$LATEST.")
            }
            if record.latest.developmentDirectory != nil {
                throw .invalidParameterValue(
                    "A function whose code runs in a directory has no versions.")
            }
            let number = self.publish(&record, description: input.string("Description"))
            state.functions[record.key] = record
            return record.versions[number] ?? record.latest
        }
        let key = FunctionKey(region: version.region, name: version.functionName)
        return RESTResponse(
            status: 201, json: json(version, arn: catalogue.arn(key, version.version)))
    }

    func listVersionsByFunction(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let page = try LambdaPage(input)
        let (record, _) = try record(input, in: catalogue.snapshot)
        var elements = [
            (
                key: LambdaPage.key(0),
                value: json(
                    record.latest, arn: catalogue.arn(record.key, FunctionRecord.latest),
                    stage: .listed)
            )
        ]
        for (number, version) in record.versions.sorted(by: { $0.key < $1.key }) {
            let arn = catalogue.arn(record.key, version.version)
            elements.append((LambdaPage.key(number), json(version, arn: arn, stage: .listed)))
        }
        return page.answer("Versions", elements)
    }

    // MARK: Aliases

    private func json(_ alias: FunctionAlias, of key: FunctionKey) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("AliasArn", .string(catalogue.arn(key, alias.name))),
            ("Name", .string(alias.name)),
            ("FunctionVersion", .string(alias.functionVersion)),
            ("Description", .string(alias.description)),
        ]
        if !alias.weights.isEmpty {
            let weights = alias.weights.sorted { $0.key < $1.key }.map {
                ($0.key, JSONValue.number(String($0.value)))
            }
            members.append(
                ("RoutingConfig", .object([("AdditionalVersionWeights", .object(weights))])))
        }
        members.append(("RevisionId", .string(alias.revisionId)))
        return .object(members)
    }

    /// Sets what an input tells of an alias.
    private func apply(
        _ input: LambdaInput, to alias: inout FunctionAlias, of record: FunctionRecord
    ) throws(ServiceError) {
        if let version = input.string("FunctionVersion") { alias.functionVersion = version }
        if let description = input.string("Description") { alias.description = description }
        guard record.version(alias.functionVersion) != nil else {
            throw .functionNotFound(catalogue.arn(record.key, alias.functionVersion))
        }
        if let routing = input["RoutingConfig"] {
            alias.weights = try weights(routing, of: alias, record)
        }
        if !alias.weights.isEmpty, alias.functionVersion == FunctionRecord.latest {
            throw .invalidParameterValue(
                "$LATEST is not supported for an alias pointing to more than 1 version")
        }
    }

    private func weights(
        _ routing: JSONValue, of alias: FunctionAlias, _ record: FunctionRecord
    ) throws(ServiceError) -> [String: Double] {
        let told = routing["AdditionalVersionWeights"]?.members ?? []
        guard told.count <= 1 else {
            throw .invalidParameterValue(
                "Number of items in AdditionalVersionWeights cannot be greater than 1")
        }
        guard let (version, value) = told.first else { return [:] }
        guard case .number(let text) = value, let weight = Double(text), (0...1).contains(weight)
        else {
            throw .constraints([
                "Value '{\(version)=\(Self.shown(value))}' at 'routingConfig."
                    + "additionalVersionWeights' failed to satisfy constraint: Map value must "
                    + "satisfy constraint: [Member must have value less than or equal to 1.0, "
                    + "Member must have value greater than or equal to 0.0, Member must not be "
                    + "null]"
            ])
        }
        guard version != alias.functionVersion else {
            throw .invalidParameterValue(
                "Invalid function version \(version). Function version \(version) is already "
                    + "included in routing configuration.")
        }
        guard record.version(version) != nil else {
            throw .functionNotFound(catalogue.arn(record.key, version))
        }
        return [version: weight]
    }

    private static func shown(_ value: JSONValue) -> String {
        String(decoding: value.encoded, as: UTF8.self)
    }

    func createAlias(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let name = input.string("Name") ?? ""
        return try catalogue.change { state throws(ServiceError) in
            var (record, _) = try self.record(input, in: state)
            guard record.aliases[name] == nil else {
                throw .conflict("Alias already exists: \(self.catalogue.arn(record.key, name))")
            }
            var alias = FunctionAlias(
                name: name, functionVersion: "", revisionId: RandomIdentifier.uuid())
            try self.apply(input, to: &alias, of: record)
            record.aliases[name] = alias
            state.functions[record.key] = record
            return RESTResponse(status: 201, json: self.json(alias, of: record.key))
        }
    }

    func getAlias(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (record, _) = try record(input, in: catalogue.snapshot)
        let alias = try alias(input, of: record)
        return RESTResponse(json: json(alias, of: record.key))
    }

    private func alias(
        _ input: LambdaInput, of record: FunctionRecord
    ) throws(ServiceError) -> FunctionAlias {
        let name = input.string("Name") ?? ""
        guard let alias = record.aliases[name] else {
            throw .aliasNotFound(catalogue.arn(record.key, name))
        }
        return alias
    }

    func updateAlias(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        try catalogue.change { state throws(ServiceError) in
            var (record, _) = try self.record(input, in: state)
            var alias = try self.alias(input, of: record)
            if let revision = input.string("RevisionId"), revision != alias.revisionId {
                throw .staleRevision(askedBy: "GetFunction/GetAlias")
            }
            try self.apply(input, to: &alias, of: record)
            alias.revisionId = RandomIdentifier.uuid()
            record.aliases[alias.name] = alias
            state.functions[record.key] = record
            return RESTResponse(json: self.json(alias, of: record.key))
        }
    }

    func deleteAlias(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        try catalogue.change { state throws(ServiceError) in
            var (record, _) = try self.record(input, in: state)
            let name = input.string("Name") ?? ""
            record.aliases[name] = nil
            record.policies[name] = nil
            record.eventInvokes[name] = nil
            state.functions[record.key] = record
            return RESTResponse(status: 204)
        }
    }

    func listAliases(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let page = try LambdaPage(input)
        let (record, _) = try record(input, in: catalogue.snapshot)
        let version = input.string("FunctionVersion")
        let aliases = record.aliases.values.filter { alias in
            version.map { alias.functionVersion == $0 || alias.weights[$0] != nil } ?? true
        }
        let elements = aliases.sorted { $0.name < $1.name }.map {
            (key: $0.name, value: json($0, of: record.key))
        }
        return page.answer("Aliases", elements)
    }
}
