internal import Operations
internal import Terminal

/// Verdicts about what runs hot and when it throttles.
enum CapacityVerdicts {
    static let rules: [VerdictRule] = [
        VerdictRule(name: "throttles", judge: throttles),
        VerdictRule(name: "warm-throughput", judge: coldTables),
        VerdictRule(name: "hot-key", judge: hotKeys),
        VerdictRule(name: "uneven-partitions", judge: unevenPartitions),
        VerdictRule(name: "headroom", judge: headroom),
    ]

    /// Up to this multiple of the rate, a limit is near enough to be told as a warning.
    private static let nearFactor = 2.0
    /// Beyond this one it is of no concern.
    private static let farFactor = 10.0

    /// The first limit that on-demand growth doesn't lift.
    private static func throttles(_ judged: JudgedDesign) -> [Verdict] {
        guard let met = judged.report.prediction.first, met.factor <= farFactor else { return [] }
        let severity: Verdict.Severity =
            met.factor <= 1 ? .critical : met.factor <= nearFactor ? .warning : .advice
        var finding =
            met.factor <= 1
            ? "DynamoDB would throttle this workload at the rate it was run at: "
            : "DynamoDB would throttle this workload from \(FigureText.factor(met.factor)) "
                + "this rate: "
        finding += "\(met.subject) is the first limit that it meets."
        var figures = [
            Verdict.Figure("throttles from", "\(FigureText.factor(met.factor)) the rate")
        ]
        if let after = judged.report.prediction.factorAfterSplits {
            let isMet = judged.report.prediction.grown != nil
            finding +=
                " The partition can split, which takes minutes of such load; after that it "
                + (isMet ? "would throttle from " : "would not throttle up to ")
                + "\(FigureText.factor(after))."
            figures.append(
                Verdict.Figure(
                    "after splits",
                    "\(isMet ? "" : "over ")\(FigureText.factor(after)) the rate"))
        }
        if let uncertainty = met.uncertainty, uncertainty >= 0.05 {
            figures.append(
                Verdict.Figure(
                    "give or take",
                    "\(Quantity.percent(min(1, uncertainty))), told by so few requests"))
        }
        figures.append(contentsOf: hottest(of: met, in: judged))
        let refused = judged.report.prediction.refusedShare
        if refused > 0 { figures.append(.share("refused at this rate", refused)) }
        return [
            Verdict(
                severity: severity, rule: "throttles", subject: met.resource, finding: finding,
                remedy: remedy(for: met, in: judged), figures: figures)
        ]
    }

    /// On-demand tables that must grow before they bear the rate.
    private static func coldTables(_ judged: JudgedDesign) -> [Verdict] {
        let prediction = judged.report.prediction
        guard let cold = prediction.asCreated, cold.partition == nil, cold.factor <= nearFactor,
            cold.factor < (prediction.grown?.factor ?? .infinity) * 0.99,
            let resource = judged.resource(named: cold.resource),
            resource.billing.mode == .onDemand
        else { return [] }
        let isRead = cold.kind == CapacityKind.read.rawValue
        let warm = isRead ? resource.billing.readUnits : resource.billing.writeUnits
        let rate = isRead ? resource.readUnitsPerSecond : resource.writeUnitsPerSecond
        let when = cold.factor <= 1 ? "at this rate" : "from \(FigureText.factor(cold.factor)) it"
        return [
            Verdict(
                severity: cold.factor <= 1 ? .critical : .warning, rule: "warm-throughput",
                subject: cold.resource,
                finding:
                    "A table that was just created, \(cold.resource), would throttle \(when) until "
                    + "it has grown with its traffic (twice its peak within half an hour).",
                remedy:
                    "Set WarmThroughput before the traffic comes, or let it rise over half an hour.",
                figures: [
                    .units("\(isRead ? "read" : "write") units", rate),
                    .units("warm throughput", warm),
                ])
        ]
    }

    /// Keys that bear much of the work and can't be spread, in tables and indexes for which no
    /// other verdict tells of one.
    private static func hotKeys(_ judged: JudgedDesign) -> [Verdict] {
        let told = judged.report.prediction.first
        return judged.report.resources.compactMap { resource in
            guard let key = resource.hottestKeys.first, key.share >= 0.05 else { return nil }
            if let told, told.resource == resource.name, told.factor <= farFactor { return nil }
            let load = max(
                key.readUnitsPerSecond / resource.heat.partitionReadUnitsMax,
                key.writeUnitsPerSecond / resource.heat.partitionWriteUnitsMax)
            guard load >= 1 / farFactor else { return nil }
            return Verdict(
                severity: load >= 1 / nearFactor ? .warning : .advice, rule: "hot-key",
                subject: resource.name,
                finding:
                    "The partition key \(key.shortText) bears "
                    + "\(Quantity.percent(key.share)) of the work of \(resource.name): "
                    + "\(Quantity.percent(load)) of what one partition serves.",
                remedy: spreading(resource, key),
                figures: figures(of: key, in: resource))
        }
    }

    private static func unevenPartitions(_ judged: JudgedDesign) -> [Verdict] {
        let told = judged.report.prediction.first
        return judged.report.resources.compactMap { resource in
            let heat = resource.heat
            guard let imbalance = heat.imbalance, imbalance >= 2, heat.partitions.count > 1,
                (resource.hottestKeys.first?.share ?? 0) < 0.05,
                told?.resource != resource.name
            else { return nil }
            let peak =
                heat.partitions.map {
                    max(
                        $0.peakReadUnitsPerSecond / heat.partitionReadUnitsMax,
                        $0.peakWriteUnitsPerSecond / heat.partitionWriteUnitsMax)
                }.max() ?? 0
            guard peak >= 0.25 else { return nil }
            return Verdict(
                severity: .advice, rule: "uneven-partitions", subject: resource.name,
                finding:
                    "The work of \(resource.name) lies unevenly: its hottest partition has "
                    + "\(FigureText.factor(imbalance)) the mean.",
                remedy: "Choose a partition key with more distinct values.",
                figures: [
                    Verdict.Figure("partitions", Quantity.count(heat.partitions.count)),
                    .share("hottest partition's peak, of its ceiling", peak),
                ])
        }
    }

    private static func headroom(_ judged: JudgedDesign) -> [Verdict] {
        let prediction = judged.report.prediction
        let overall = judged.report.overall
        guard overall.readUnits + overall.writeUnits > 0, prediction.refusedShare == 0,
            (prediction.first?.factor ?? .infinity) > farFactor,
            (prediction.asCreated?.factor ?? .infinity) > nearFactor
        else { return [] }
        let finding =
            prediction.grown.map {
                "It would meet no limit of DynamoDB below \(FigureText.factor($0.factor)) this "
                    + "rate; there it is \($0.subject)."
            }
            ?? "It would meet no limit of DynamoDB up to \(FigureText.factor(prediction.factorMax)) "
            + "this rate."
        let hottest = judged.report.resources.filter { $0.kind == .table }
            .compactMap { $0.hottestKeys.first?.share }.max()
        return [
            Verdict(
                severity: .good, rule: "headroom",
                finding: finding + (prediction.coldSentence ?? ""),
                remedy: "",
                figures: hottest.map { [.share("hottest partition key's share", $0)] } ?? [])
        ]
    }

    // MARK: What limits are, and what to do about them

    private static func remedy(
        for met: PredictionReport.Met, in judged: JudgedDesign
    ) -> String {
        switch ThrottleLimit(rawValue: met.limit) {
        case .keyRange:
            guard let resource = judged.resource(named: met.resource) else { return "" }
            if met.key == nil, judged.isScanned(met) {
                return "Replace the Scans, which all begin at the same partitions, by a Query of "
                    + "what they look for."
            }
            return met.key == nil
                ? "Choose a partition key with more distinct values, so that partitions can split."
                : spreading(resource, judged.resource(named: met.resource)?.hottestKeys.first)
        case .provisionedThroughput:
            return "Provision more, let auto scaling do it, or choose on-demand mode."
        case .maxOnDemand: return "Raise or remove the OnDemandThroughput maximum."
        case .account:
            return "Ask for a higher quota, or spread the work over several tables."
        case nil: return ""
        }
    }

    private static func spreading(_ resource: ResourceReport, _ key: KeyReport?) -> String {
        let name = resource.keyAttributes.first ?? "the partition key"
        if let key, key.readUnitsPerSecond > 3 * key.writeUnitsPerSecond,
            resource.kind != .globalIndex
        {
            return "Reads of one key can't be spread by DynamoDB: cache it, or keep copies of it "
                + "under several keys."
        }
        return
            "Put a suffix to \(name) that spreads each value over several keys (write sharding), "
            + "or choose a partition key that more values share the work of."
    }

    private static func hottest(
        of met: PredictionReport.Met, in judged: JudgedDesign
    ) -> [Verdict.Figure] {
        guard let resource = judged.resource(named: met.resource) else { return [] }
        guard met.limit == ThrottleLimit.keyRange.rawValue, met.key != nil,
            let key = resource.hottestKeys.first
        else {
            return [
                .units("read units", resource.readUnitsPerSecond),
                .units("write units", resource.writeUnitsPerSecond),
            ]
        }
        return figures(of: key, in: resource)
    }

    private static func figures(
        of key: KeyReport, in resource: ResourceReport
    ) -> [Verdict.Figure] {
        var figures = [
            Verdict.Figure("hottest key", key.shortText),
            Verdict.Figure.share("its share", key.share),
        ]
        if key.readUnitsPerSecond > 0 {
            figures.append(
                Verdict.Figure(
                    "its read units",
                    "\(FigureText.rate(key.readUnitsPerSecond))/s of "
                        + FigureText.rate(resource.heat.partitionReadUnitsMax)))
        }
        if key.writeUnitsPerSecond > 0 {
            figures.append(
                Verdict.Figure(
                    "its write units",
                    "\(FigureText.rate(key.writeUnitsPerSecond))/s of "
                        + FigureText.rate(resource.heat.partitionWriteUnitsMax)))
        }
        return figures
    }
}

extension KeyReport {
    /// Its text, short enough for a sentence.
    var shortText: String { FigureText.shortened(text, to: 60) }
}
