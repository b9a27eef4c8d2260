internal import Operations
internal import Terminal

/// Verdicts about what costs more than it need.
enum CostVerdicts {
    static let rules: [VerdictRule] = [
        VerdictRule(name: "filter-waste", judge: filterWaste),
        VerdictRule(name: "scan", judge: scans),
        VerdictRule(name: "unread-index", judge: unreadIndexes),
        VerdictRule(name: "wide-index", judge: wideIndexes),
        VerdictRule(name: "large-items", judge: largeItems),
        VerdictRule(name: "strong-reads", judge: strongReads),
        VerdictRule(name: "billing-mode", judge: billingMode),
        VerdictRule(name: "table-class", judge: tableClass),
    ]

    /// A saving below this share of the request cost isn't worth a sentence.
    private static let notable = 0.05

    /// Pages that read much and return little.
    private static func filterWaste(_ judged: JudgedDesign) -> [Verdict] {
        judged.report.patterns.compactMap { pattern in
            guard pattern.evaluatedCount > 0, pattern.returnedCount < pattern.evaluatedCount / 2
            else { return nil }
            let wasted =
                1 - Double(pattern.returnedCount) / Double(pattern.evaluatedCount)
            let saving = wasted * pattern.usdPerMonth
            guard judged.shareOfCost(saving) >= notable else { return nil }
            let instead =
                pattern.operation == "Scan"
                ? "Query an index whose key the filter's attributes are."
                : "Make what the filter tests part of the sort key, or of an index's key."
            return Verdict(
                severity: .warning, rule: "filter-waste", subject: pattern.name,
                finding:
                    "\(pattern.name) reads \(perReturned(pattern)) for each that it returns: its "
                    + "filter throws \(Quantity.percent(wasted)) away, paid for all the same.",
                remedy: instead,
                figures: [
                    Verdict.Figure("evaluated", Quantity.count(pattern.evaluatedCount)),
                    Verdict.Figure("returned", Quantity.count(pattern.returnedCount)),
                    Verdict.Figure("wasted per month", Quantity.money(saving)),
                ])
        }
    }

    private static func perReturned(_ pattern: PatternReport) -> String {
        guard pattern.returnedCount > 0 else { return "items" }
        let ratio = Double(pattern.evaluatedCount) / Double(pattern.returnedCount)
        return "\(FigureText.rate(ratio)) items"
    }

    /// Scans that cost much though they waste nothing.
    private static func scans(_ judged: JudgedDesign) -> [Verdict] {
        judged.report.patterns.compactMap { pattern in
            guard pattern.operation == "Scan", judged.shareOfCost(pattern.usdPerMonth) >= 0.2,
                pattern.returnedCount >= pattern.evaluatedCount / 2
            else { return nil }
            return Verdict(
                severity: .advice, rule: "scan", subject: pattern.name,
                finding:
                    "\(pattern.name) scans, and makes up "
                    + "\(Quantity.percent(judged.shareOfCost(pattern.usdPerMonth))) of the cost; "
                    + "what a scan costs grows with the table.",
                remedy:
                    "Query by a key, keep the answer that the scan computes, or export instead.",
                figures: [
                    Verdict.Figure(
                        "read units per scan", FigureText.perRequest(pattern.readUnitsPerRequest)),
                    Verdict.Figure("per month", Quantity.money(pattern.usdPerMonth)),
                ])
        }
    }

    /// Indexes that are written and that no pattern reads.
    private static func unreadIndexes(_ judged: JudgedDesign) -> [Verdict] {
        judged.report.resources.compactMap { resource in
            guard resource.kind != .table, resource.writeUnits > 0, resource.readUnits == 0,
                !judged.report.patterns.contains(where: { $0.resource == resource.name })
            else { return nil }
            let cost = monthlyWriteCost(of: resource, in: judged)
            return Verdict(
                severity: .warning, rule: "unread-index", subject: resource.name,
                finding:
                    "No access pattern reads the index \(resource.name), which every write pays "
                    + "for.",
                remedy: "Drop it, unless something outside of this workload needs it.",
                figures: [
                    .units("its write units", resource.writeUnitsPerSecond),
                    Verdict.Figure("per month", Quantity.money(cost)),
                ])
        }
    }

    /// Indexes that project items whole where their entries cost more than a unit each.
    private static func wideIndexes(_ judged: JudgedDesign) -> [Verdict] {
        judged.report.resources.compactMap { resource in
            guard let index = judged.index(named: resource.name), index.projectionType == .all,
                resource.readUnits > 0, let unitsPerWrite = resource.writeUnitsPerWrite,
                let table = judged.report.resources.first(where: {
                    $0.kind == .table && resource.name.hasPrefix($0.name + "/")
                }), let size = table.itemSizes, size.meanBytes > 1_024, unitsPerWrite >= 2
            else { return nil }
            // An entry of keys alone is below 1 KB and costs one unit where the whole item costs
            // as many as it has KB; that of a key that changes is written twice.
            let saving =
                (1 - 1 / unitsPerWrite) * monthlyWriteCost(of: resource, in: judged)
            guard judged.shareOfCost(saving) >= notable else { return nil }
            return Verdict(
                severity: .advice, rule: "wide-index", subject: resource.name,
                finding:
                    "The index \(resource.name) projects whole items: each write to it takes "
                    + "\(FigureText.perRequest(unitsPerWrite)) units.",
                remedy:
                    "Project only what its queries return (INCLUDE or KEYS_ONLY); an entry below "
                    + "1 KB costs one unit. At most \(Quantity.money(saving)) a month less.",
                figures: [
                    Verdict.Figure("mean item", Quantity.bytes(Int(size.meanBytes.rounded()))),
                    .units("its write units", resource.writeUnitsPerSecond),
                ])
        }
    }

    private static func largeItems(_ judged: JudgedDesign) -> [Verdict] {
        judged.report.patterns.compactMap { pattern in
            guard ["PutItem", "UpdateItem"].contains(pattern.operation),
                let sizes = pattern.itemSizes, sizes.meanBytes >= 4_096,
                judged.shareOfCost(pattern.usdPerMonth) >= 0.2
            else { return nil }
            return Verdict(
                severity: .advice, rule: "large-items", subject: pattern.name,
                finding:
                    "\(pattern.name) writes items of "
                    + "\(Quantity.bytes(Int(sizes.meanBytes.rounded()))): every change pays for "
                    + "the whole item.",
                remedy:
                    "Keep what changes apart from what is large (an item of its own, S3), or "
                    + "compress it.",
                figures: [
                    Verdict.Figure(
                        "write units per request",
                        FigureText.perRequest(pattern.writeUnitsPerRequest)),
                    Verdict.Figure("largest item", Quantity.bytes(sizes.maxBytes)),
                    Verdict.Figure("per month", Quantity.money(pattern.usdPerMonth)),
                ])
        }
    }

    /// Reads that cost what strongly consistent ones do.
    private static func strongReads(_ judged: JudgedDesign) -> [Verdict] {
        judged.report.patterns.compactMap { pattern in
            guard pattern.operation == "GetItem", let sizes = pattern.itemSizes,
                sizes.count * 2 > pattern.requestCount
            else { return nil }
            let strong = (sizes.meanBytes / 4_096).rounded(.up)
            // Eventually consistent ones would cost half of it, even if sizes vary.
            guard pattern.readUnitsPerRequest >= 0.9 * strong,
                judged.shareOfCost(pattern.usdPerMonth / 2) >= notable
            else { return nil }
            return Verdict(
                severity: .advice, rule: "strong-reads", subject: pattern.name,
                finding:
                    "\(pattern.name) pays for strongly consistent reads, twice what eventually "
                    + "consistent ones cost.",
                remedy:
                    "Where an answer may be a moment old, leave ConsistentRead out: "
                    + "\(Quantity.money(pattern.usdPerMonth / 2)) a month less.",
                figures: [
                    Verdict.Figure(
                        "read units per request",
                        FigureText.perRequest(pattern.readUnitsPerRequest)),
                    Verdict.Figure("mean item", Quantity.bytes(Int(sizes.meanBytes.rounded()))),
                ])
        }
    }

    /// Whether the other mode would be cheaper for this traffic.
    private static func billingMode(_ judged: JudgedDesign) -> [Verdict] {
        let onDemand = judged.report.resources.filter { resource in
            guard resource.billing.mode == .onDemand, let other = resource.provisioning else {
                return false
            }
            return other.onDemandUSDPerMonth > 0
                && other.scaledUSDPerMonth < 0.7 * other.onDemandUSDPerMonth
        }
        return (onDemand.isEmpty ? [] : [provisioning(onDemand)])
            + judged.report.resources.compactMap { resource in
                guard resource.billing.mode == .provisioned, let other = resource.provisioning,
                    other.onDemandUSDPerMonth > 0
                else { return nil }
                return provisionedTooDear(resource, other: other)
            }
    }

    private static func provisioning(_ resources: [ResourceReport]) -> Verdict {
        func sum(_ cost: (ProvisioningReport) -> Double) -> String {
            Quantity.money(resources.compactMap(\.provisioning).reduce(0) { $0 + cost($1) })
        }
        let names = resources.map(\.name).joined(separator: ", ")
        return Verdict(
            severity: .advice, rule: "billing-mode", subject: resources.first?.table,
            finding:
                "If this rate went on day and night, provisioned capacity for \(names) would cost "
                + "\(sum(\.scaledUSDPerMonth)) a month instead of \(sum(\.onDemandUSDPerMonth)).",
            remedy:
                "Choose PROVISIONED with auto scaling where traffic is steady; where it is idle "
                + "most of the day, stay on demand.",
            figures: [
                Verdict.Figure("on demand", sum(\.onDemandUSDPerMonth)),
                Verdict.Figure("provisioned, auto scaled", sum(\.scaledUSDPerMonth)),
                Verdict.Figure("provisioned, fixed", sum(\.fixedUSDPerMonth)),
            ])
    }

    private static func provisionedTooDear(
        _ resource: ResourceReport, other: ProvisioningReport
    ) -> Verdict? {
        guard let paid = other.asDesignedUSDPerMonth, other.onDemandUSDPerMonth < 0.7 * paid else {
            return nil
        }
        return Verdict(
            severity: .advice, rule: "billing-mode", subject: resource.name,
            finding:
                "\(resource.name) is provisioned with more than this traffic needs: "
                + "\(Quantity.money(paid)) a month, and on demand "
                + "\(Quantity.money(other.onDemandUSDPerMonth)).",
            remedy: "Choose on-demand mode, or provision less.",
            figures: [
                Verdict.Figure("as provisioned", Quantity.money(paid)),
                Verdict.Figure("on demand", Quantity.money(other.onDemandUSDPerMonth)),
                Verdict.Figure("provisioned, auto scaled", Quantity.money(other.scaledUSDPerMonth)),
            ])
    }

    /// Whether storage makes the other class cheaper.
    private static func tableClass(_ judged: JudgedDesign) -> [Verdict] {
        let other = judged.report.costs.otherClassUSDPerMonth
        guard judged.report.costs.usdPerMonth > 0, other < 0.95 * judged.report.costs.usdPerMonth
        else {
            return []
        }
        return [
            Verdict(
                severity: .advice, rule: "table-class",
                finding:
                    "In the other table class all of it would cost \(Quantity.money(other)) a "
                    + "month instead of \(Quantity.money(judged.report.costs.usdPerMonth)).",
                remedy: "Choose STANDARD_INFREQUENT_ACCESS where storage is most of the cost, "
                    + "STANDARD where requests are.",
                figures: [
                    Verdict.Figure(
                        "storage", Quantity.money(judged.report.costs.storageUSDPerMonth)),
                    Verdict.Figure(
                        "requests", Quantity.money(judged.report.costs.requestUSDPerMonth)),
                ])
        ]
    }

    /// What an index's writes cost a month, of the cost of all patterns.
    private static func monthlyWriteCost(
        of resource: ResourceReport, in judged: JudgedDesign
    ) -> Double {
        judged.report.costs.lines.first {
            $0.resource == resource.name && $0.kind.hasSuffix("writes")
        }?.usdPerMonth ?? 0
    }
}
