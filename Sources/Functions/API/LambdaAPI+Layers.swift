internal import Operations
internal import Wire

/// Layers: zips that functions have under /opt.
extension LambdaAPI {
    func layerArn(_ key: FunctionKey) -> String {
        "arn:aws:lambda:\(key.region):\(environment.accountID):layer:\(key.name)"
    }

    /// The layer that a name or an ARN names in a region.
    func layerKey(_ input: LambdaInput) throws(ServiceError) -> FunctionKey {
        let name = input.string("LayerName") ?? ""
        guard name.hasPrefix("arn:") else {
            return FunctionKey(region: input.region, name: name)
        }
        guard let arn = ResourceARN(name), arn.resourceParts.count == 2,
            arn.region == input.region, arn.accountID == environment.accountID
        else { throw .nothingThere }
        return FunctionKey(region: arn.region, name: arn.resourceParts[1])
    }

    /// The layer and the number of its version that an input names.
    func layerVersion(
        _ input: LambdaInput
    ) throws(ServiceError) -> (key: FunctionKey, number: Int) {
        let key = try layerKey(input)
        let number = input.int("VersionNumber") ?? 0
        guard number > 0 else {
            throw .invalidParameterValue("Layer Version Cannot be less than 1.")
        }
        return (key, number)
    }

    // MARK: Publishing

    func publishLayerVersion(_ input: LambdaInput) async throws(ServiceError) -> RESTResponse {
        let key = try layerKey(input)
        let known = LambdaModel.values(ofEnumeration: "Runtime")
        for runtime in input.list("CompatibleRuntimes") ?? [] where !known.contains(runtime) {
            try ConfigurationSettings.check(runtime: runtime)
        }
        let content = input["Content"]
        let zip = try await zip({ content?[$0]?.string }, region: input.region)
        guard let zip else {
            throw .invalidParameterValue("Please provide a source for layer code.")
        }
        return try await catalogue.onThread { () throws(ServiceError) in
            let stored = try self.catalogue.code.keepZip(zip)
            let version = try self.catalogue.change { state throws(ServiceError) in
                var layer = state.layers[key] ?? LayerRecord(region: key.region, name: key.name)
                layer.lastVersion += 1
                let version = LayerRecord.Version(
                    number: layer.lastVersion, description: input.string("Description"),
                    createdDate: self.timeText(),
                    compatibleRuntimes: input.list("CompatibleRuntimes"),
                    compatibleArchitectures: input.list("CompatibleArchitectures"),
                    licenseInfo: input.string("LicenseInfo"), codeSha256: stored.sha256,
                    codeSize: stored.byteCount)
                layer.versions.append(version)
                state.layers[key] = layer
                return version
            }
            return RESTResponse(status: 201, json: self.json(version, of: key, input))
        }
    }

    // MARK: Telling

    /// - Parameter input: of an answer that tells where the zip is downloaded.
    private func json(
        _ version: LayerRecord.Version, of key: FunctionKey, _ input: LambdaInput? = nil
    ) -> JSONValue {
        let arn = layerArn(key)
        var members: [(String, JSONValue?)] = []
        if let input {
            let content = JSONValue.object([
                ("Location", .string(downloadLink(version.codeSha256, host: input.host))),
                ("CodeSha256", .string(version.codeSha256)),
                ("CodeSize", .number(version.codeSize)),
            ])
            members += [("Content", content), ("LayerArn", .string(arn))]
        }
        members += [
            ("LayerVersionArn", .string("\(arn):\(version.number)")),
            ("Version", .number(version.number)),
            // Lists leave out what wasn't given; answers about one version don't.
            ("Description", (version.description ?? input.map { _ in "" }).map { .string($0) }),
            ("CreatedDate", .string(version.createdDate)),
            ("CompatibleRuntimes", version.compatibleRuntimes.map { .list($0) }),
            ("LicenseInfo", version.licenseInfo.map { .string($0) }),
            ("CompatibleArchitectures", version.compatibleArchitectures.map { .list($0) }),
        ]
        return .object(present: members)
    }

    func getLayerVersion(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, number) = try layerVersion(input)
        guard let version = catalogue.layer(key)?.present.first(where: { $0.number == number })
        else { throw .nothingThere }
        return RESTResponse(json: json(version, of: key, input))
    }

    func getLayerVersionByArn(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let arn = input.string("Arn") ?? ""
        guard let told = ResourceARN(arn), told.resourceParts.count == 3,
            told.accountID == environment.accountID,
            let version = catalogue.layerVersion(arn: arn)
        else { throw .nothingThere }
        let key = FunctionKey(region: told.region, name: told.resourceParts[1])
        return RESTResponse(json: json(version, of: key, input))
    }

    /// Whether a layer version is for a runtime and architecture that were asked for.
    private func suits(_ version: LayerRecord.Version, _ input: LambdaInput) -> Bool {
        let runtime = input.string("CompatibleRuntime")
        let architecture = input.string("CompatibleArchitecture")
        let suitsRuntime = runtime.map { version.compatibleRuntimes?.contains($0) ?? false }
        let suitsArchitecture = architecture.map {
            version.compatibleArchitectures?.contains($0) ?? false
        }
        return (suitsRuntime ?? true) && (suitsArchitecture ?? true)
    }

    func listLayerVersions(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let page = try LambdaPage(input, max: 50)
        let key = try layerKey(input)
        let versions = (catalogue.layer(key)?.present ?? []).filter { suits($0, input) }
        // The youngest first.
        let elements = versions.reversed().map {
            (key: LambdaPage.key(Int(Int32.max) - $0.number), value: json($0, of: key))
        }
        return page.answer("LayerVersions", elements)
    }

    func listLayers(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let page = try LambdaPage(input, max: 50)
        var elements: [(key: String, value: JSONValue)] = []
        for layer in catalogue.layers(region: input.region) {
            guard let version = layer.present.last(where: { suits($0, input) }) else { continue }
            elements.append(
                (
                    layer.name,
                    .object([
                        ("LayerName", .string(layer.name)),
                        ("LayerArn", .string(layerArn(layer.key))),
                        ("LatestMatchingVersion", json(version, of: layer.key)),
                    ])
                ))
        }
        return page.answer("Layers", elements)
    }

    // MARK: Deleting

    /// Deletes a layer version; functions that have it keep it.
    func deleteLayerVersion(_ input: LambdaInput) throws(ServiceError) -> RESTResponse {
        let (key, number) = try layerVersion(input)
        return try catalogue.change { state throws(ServiceError) in
            guard var layer = state.layers[key] else { return RESTResponse(status: 204) }
            let arn = "\(self.layerArn(key)):\(number)"
            let isUsed = state.functions.values.contains { record in
                ([record.latest] + record.versions.values).contains { $0.layers.contains(arn) }
            }
            for index in layer.versions.indices where layer.versions[index].number == number {
                layer.versions[index].isDeleted = true
            }
            if !isUsed { layer.versions.removeAll { $0.number == number } }
            state.layers[key] = layer
            return RESTResponse(status: 204)
        }
    }
}
