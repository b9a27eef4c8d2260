internal import Client
internal import Operations
internal import Wire

/// Functions: made, told, changed, deleted.
extension LambdaAPI {
    // MARK: Code that comes with a request

    /// The zip of a function or layer, from the request or from a bucket.
    ///
    /// - Parameter code: holds ZipFile, or S3Bucket and S3Key.
    func zip(
        _ code: (String) -> String?, region: String
    ) async throws(ServiceError) -> [UInt8]? {
        let bucket = code("S3Bucket")
        let key = code("S3Key")
        if let text = code("ZipFile") {
            guard bucket == nil, key == nil, code("ImageUri") == nil else {
                throw .invalidParameterValue(
                    "Please do not provide other FunctionCode parameters when providing a ZipFile.")
            }
            guard let zip = Base64.decoded(text) else { throw .badZip }
            try checkSize(zip, max: CodeStore.zipBytesMax)
            return zip
        }
        if code("ImageUri") != nil { throw Self.noImages }
        guard bucket != nil || key != nil else { return nil }
        guard let bucket, let key else {
            throw .invalidParameterValue("Please provide both S3Bucket and S3Key.")
        }
        guard let objects else {
            throw .invalidParameterValue(
                "Error occurred while GetObject. No S3 endpoint is configured: start with "
                    + "--s3-endpoint.")
        }
        do throws(ServiceError) {
            let zip = try await objects.object(
                bucket: bucket, key: key, version: code("S3ObjectVersion"), region: region)
            // From a bucket, only what it unpacks to is limited.
            try checkSize(zip, max: CodeTree.unpackedBytesMax)
            return zip
        } catch {
            if error.namespace == .rest, error.code == "InvalidParameterValueException" {
                throw error
            }
            throw .invalidParameterValue(
                "Error occurred while GetObject. S3 Error Code: \(error.code). S3 Error Message: "
                    + error.message)
        }
    }

    private func checkSize(_ zip: [UInt8], max: Int) throws(ServiceError) {
        guard zip.count <= max else {
            throw .invalidParameterValue("Zipped size must be smaller than \(max) bytes")
        }
    }

    private static let noImages = ServiceError.invalidParameterValue(
        "Functions from container images are not supported: PackageType must be Zip.")

    // MARK: Stamps

    /// `2026-11-21T18:50:42.000+0000`.
    func timeText() -> String {
        TimeText.iso8601(environment.clock.now()).dropLast() + "+0000"
    }

    /// Marks a configuration as changed just now.
    func touch(_ configuration: inout FunctionConfiguration) {
        configuration.lastModified = timeText()
        configuration.revisionId = RandomIdentifier.uuid()
    }

    // MARK: CreateFunction

    func createFunction(_ input: LambdaInput) async throws(ServiceError) -> RESTResponse {
        let (key, _) = try locate(input)
        guard key.name.utf8.count <= 64 else {
            throw .constraints([
                "Value '\(key.name)' at 'functionName' failed to satisfy constraint: Member must "
                    + "have length less than or equal to 64"
            ])
        }
        guard input.string("PackageType") != "Image" else { throw Self.noImages }
        if let runtime = input.string("Runtime") {
            try ConfigurationSettings.check(runtime: runtime)
        }
        guard input.string("Runtime") != nil, input.string("Handler") != nil else {
            throw .invalidParameterValue(
                "Runtime and Handler are mandatory parameters for functions created with "
                    + "deployment packages.")
        }
        let tags = input.texts("Tags") ?? [:]
        try Self.check(tags)
        let code = input["Code"]
        let zip = try await zip({ code?[$0]?.string }, region: input.region)
        guard let zip else {
            throw .invalidParameterValue("Please provide a source for function code.")
        }
        return try await catalogue.onThread { () throws(ServiceError) in
            try self.createFunction(input, key: key, zip: zip, tags: tags)
        }
    }

    private func createFunction(
        _ input: LambdaInput, key: FunctionKey, zip: [UInt8], tags: [String: String]
    ) throws(ServiceError) -> RESTResponse {
        let exists = ServiceError.conflict("Function already exist: \(key.name)")
        if catalogue.function(key) != nil { throw exists }
        let settings = ConfigurationSettings(input: input, accountID: environment.accountID)
        var draft = FunctionConfiguration(
            region: key.region, functionName: key.name, role: input.string("Role") ?? "",
            codeSha256: "", codeSize: 0, lastModified: "", revisionId: "")
        try settings.apply(to: &draft, state: catalogue.snapshot)
        if let architectures = input.list("Architectures") { draft.architectures = architectures }
        touch(&draft)
        let stored = try catalogue.code.keepCode(zip)
        draft.codeSha256 = stored.sha256
        draft.codeSize = stored.byteCount
        try prepareCode(draft)
        let configuration = draft
        let record = try catalogue.change { state throws(ServiceError) in
            if state.functions[key] != nil { throw exists }
            var record = FunctionRecord(latest: configuration)
            record.tags = tags
            if input.bool("Publish") { _ = self.publish(&record, description: nil) }
            state.functions[key] = record
            return record
        }
        let told = record.versions[record.lastVersion] ?? record.latest
        let arn = catalogue.arn(key, record.lastVersion > 0 ? told.version : nil)
        return RESTResponse(status: 201, json: json(told, arn: arn, stage: .created))
    }

    /// Unpacks the code and layers of a configuration, if they are within the limit together.
    func prepareCode(_ configuration: FunctionConfiguration) throws(ServiceError) {
        guard configuration.developmentDirectory == nil else { return }
        let layers = FunctionCatalogue.hashes(ofLayers: configuration, in: catalogue.snapshot)
        if !layers.isEmpty {
            let sum = try catalogue.code.unpackedByteCount([configuration.codeSha256] + layers)
            guard sum <= CodeTree.unpackedBytesMax else {
                throw .invalidParameterValue(
                    "Function code combined with layers exceeds the maximum allowed size of "
                        + "\(CodeTree.unpackedBytesMax) bytes. The actual size is \(sum) bytes.")
            }
        }
        try catalogue.code.prepare(code: configuration.codeSha256, layers: layers)
    }

    // MARK: Telling

    func getFunction(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (record, configuration, arn) = try version(input)
        var members: [(String, JSONValue)] = [
            ("Configuration", json(configuration, arn: arn)),
            ("Code", codeLocation(configuration, input)),
        ]
        if !record.tags.isEmpty { members.append(("Tags", .texts(record.tags))) }
        if let reserved = record.reservedConcurrency {
            members.append(
                ("Concurrency", .object([("ReservedConcurrentExecutions", .number(reserved))])))
        }
        return RESTResponse(json: .object(members))
    }

    private func codeLocation(
        _ configuration: FunctionConfiguration, _ input: LambdaInput
    ) -> JSONValue {
        let location =
            configuration.developmentDirectory.map { "file://\($0)" }
            ?? downloadLink(configuration.codeSha256, host: input.host)
        return .object([
            ("RepositoryType", .string("S3")), ("Location", .string(location)),
        ])
    }

    func getFunctionConfiguration(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (_, configuration, arn) = try version(input)
        return RESTResponse(json: json(configuration, arn: arn))
    }

    func listFunctions(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let page = try LambdaPage(input, max: 50)
        let all = input.string("FunctionVersion") == "ALL"
        var elements: [(key: String, value: JSONValue)] = []
        for record in catalogue.functions(region: input.region) {
            let name = record.latest.functionName
            let arn = catalogue.arn(record.key, all ? FunctionRecord.latest : nil)
            elements.append((name, json(record.latest, arn: arn, stage: .listed)))
            guard all else { continue }
            for (number, version) in record.versions.sorted(by: { $0.key < $1.key }) {
                let arn = catalogue.arn(record.key, version.version)
                let told = json(version, arn: arn, stage: .listed)
                elements.append(("\(name)/\(LambdaPage.key(number))", told))
            }
        }
        elements.sort { $0.key < $1.key }
        return page.answer("Functions", elements)
    }

    // MARK: Changing

    func updateFunctionConfiguration(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let settings = ConfigurationSettings(input: input, accountID: environment.accountID)
        if let runtime = input.string("Runtime") {
            try ConfigurationSettings.check(runtime: runtime)
        }
        if input["ImageConfig"] != nil { throw Self.noImages }
        let configuration = try catalogue.change { state throws(ServiceError) in
            var (record, _) = try self.record(input, in: state)
            try Self.checkRevision(input, record.latest)
            var configuration = record.latest
            try settings.apply(to: &configuration, state: state)
            self.touch(&configuration)
            try self.prepareCode(configuration)
            record.latest = configuration
            state.functions[record.key] = record
            return configuration
        }
        let key = FunctionKey(region: configuration.region, name: configuration.functionName)
        return RESTResponse(json: json(configuration, arn: catalogue.arn(key), stage: .updated))
    }

    static func checkRevision(
        _ input: LambdaInput, _ configuration: FunctionConfiguration
    ) throws(ServiceError) {
        guard let revision = input.string("RevisionId") else { return }
        guard revision == configuration.revisionId else {
            throw .staleRevision(askedBy: "GetFunction/GetAlias")
        }
    }

    func updateFunctionCode(_ input: LambdaInput) async throws(ServiceError) -> RESTResponse {
        let (before, _) = try record(input, in: catalogue.snapshot)
        try Self.checkRevision(input, before.latest)
        let zip = try await zip({ input.string($0) }, region: input.region)
        guard let zip else {
            throw .invalidParameterValue("Please provide a source for function code.")
        }
        return try await catalogue.onThread { () throws(ServiceError) in
            try self.updateFunctionCode(input, zip: zip)
        }
    }

    private func updateFunctionCode(
        _ input: LambdaInput, zip: [UInt8]
    ) throws(ServiceError) -> RESTResponse {
        let (before, _) = try record(input, in: catalogue.snapshot)
        try Self.checkRevision(input, before.latest)
        let stored = try catalogue.code.keepCode(zip)
        var configuration = before.latest
        configuration.codeSha256 = stored.sha256
        configuration.codeSize = stored.byteCount
        configuration.developmentDirectory = nil
        if let architectures = input.list("Architectures") {
            configuration.architectures = architectures
        }
        touch(&configuration)
        try prepareCode(configuration)
        let changed = configuration
        if input.bool("DryRun") {
            catalogue.sweepUnused()
            return RESTResponse(
                json: json(changed, arn: catalogue.arn(before.key), stage: .updated))
        }
        let published = try catalogue.change { state throws(ServiceError) in
            guard var record = state.functions[before.key] else {
                throw .functionNotFound(self.catalogue.arn(before.key))
            }
            record.latest = changed
            let number = input.bool("Publish") ? self.publish(&record, description: nil) : nil
            state.functions[before.key] = record
            return number.flatMap { record.versions[$0] }
        }
        let told = published ?? changed
        return RESTResponse(
            json: json(
                told, arn: catalogue.arn(before.key, published?.version), stage: .updated))
    }

    func deleteFunction(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, version) = try catalogue.change {
            state throws(ServiceError) -> (FunctionKey, String?) in
            var (record, qualifier) = try self.record(input, in: state)
            guard let qualifier else {
                state.functions[record.key] = nil
                return (record.key, nil)
            }
            guard qualifier != FunctionRecord.latest else {
                throw .invalidParameterValue(
                    "$LATEST version cannot be deleted without deleting the function.")
            }
            guard record.aliases[qualifier] == nil else {
                throw .invalidParameterValue("Deletion of aliases is not currently supported.")
            }
            guard let number = Int(qualifier), record.versions[number] != nil else {
                throw Self.missing(qualifier, arn: self.catalogue.arn(record.key, qualifier))
            }
            let users = record.aliases.values.filter {
                $0.functionVersion == qualifier || $0.weights[qualifier] != nil
            }
            guard users.isEmpty else {
                throw .conflict(
                    "Unable to delete version because the following aliases reference it: ["
                        + users.map(\.name).sorted().joined(separator: ", ") + "]")
            }
            record.versions[number] = nil
            record.policies[qualifier] = nil
            record.eventInvokes[qualifier] = nil
            record.runtimeUpdates[qualifier] = nil
            state.functions[record.key] = record
            return (record.key, qualifier)
        }
        invoker?.discard(functionArn: catalogue.arn(key), version: version)
        return RESTResponse(status: 204)
    }
}
