internal import Operations
internal import Terminal

/// A design's report in a few sentences.
struct DesignSentences {
    let design: DesignReport

    init(_ design: DesignReport) { self.design = design }

    var all: [String] {
        guard design.overall.requestCount > 0 else {
            return ["No request was made, so there is nothing to tell."]
        }
        return [speed, cost, capacity].compactMap(\.self)
    }

    private var speed: String {
        let overall = design.overall
        var text = "\(FigureText.rate(overall.requestsPerSecond)) requests a second: "
        text +=
            overall.latency.count == 0
            ? "none of them succeeded."
            : "half of them were answered within "
                + "\(FigureText.milliseconds(overall.latency.p50Milliseconds)), "
                + "99 of 100 within \(FigureText.milliseconds(overall.latency.p99Milliseconds))."
        if overall.errorCount + overall.throttleCount > 0 {
            text +=
                " \(Quantity.count(overall.errorCount)) ended in errors and "
                + "\(Quantity.count(overall.throttleCount)) were throttled."
        }
        return text
    }

    private var cost: String {
        let costs = design.costs
        return "A month at this rate would cost \(Quantity.money(costs.usdPerMonth)) on DynamoDB: "
            + "\(Quantity.money(costs.requestUSDPerMonth)) for requests and "
            + "\(Quantity.money(costs.storageUSDPerMonth)) for storage"
            + (costs.isStorageFree ? ", which is within the account's free part." : ".")
    }

    private var capacity: String {
        let prediction = design.prediction
        guard design.overall.readUnits + design.overall.writeUnits > 0 else {
            return "It consumed no capacity, so nothing tells where it would be throttled."
        }
        guard let met = prediction.first else {
            return "No limit of DynamoDB is in sight: none is met up to "
                + "\(FigureText.factor(prediction.factorMax)) this rate."
                + (prediction.coldSentence ?? "")
        }
        var text =
            met.factor <= 1
            ? "DynamoDB would throttle it at this very rate: \(met.subject)."
            : "DynamoDB would begin to throttle at \(FigureText.factor(met.factor)) this "
                + "rate: \(met.subject)."
        if let after = prediction.factorAfterSplits {
            text +=
                prediction.grown == nil
                ? " Once its partitions have split, nothing is met up to \(FigureText.factor(after))."
                : " Once its partitions have split, at \(FigureText.factor(after))."
        }
        return text + (prediction.coldSentence ?? "")
    }
}

extension CostReport {
    /// Whether something is stored, and costs nothing.
    fileprivate var isStorageFree: Bool {
        storageUSDPerMonth < 1e-9 && lines.contains { $0.kind == "free storage" }
    }
}

extension PredictionReport {
    /// What a table meets before it has grown with its traffic, where that is less; begins with a
    /// space.
    var coldSentence: String? {
        guard let cold = asCreated, cold.partition == nil,
            cold.factor < 0.99 * (grown?.factor ?? factorMax)
        else { return nil }
        return " Just created, until it has grown with its traffic, it would throttle from "
            + "\(FigureText.factor(cold.factor)): \(cold.subject)."
    }
}

extension PredictionReport.Met {
    /// The limit and where it is met, as the end of a sentence.
    var subject: String {
        let kind = kind.lowercased()
        return switch ThrottleLimit(rawValue: limit) {
        case .keyRange:
            key.map {
                "the \(kind) ceiling of the one partition that holds "
                    + "\(FigureText.shortened($0, to: 60)) of \(resource)"
            }
                ?? (partition == nil
                    ? "the warm \(kind) throughput of \(resource)"
                    : "the \(kind) ceiling of a partition of \(resource)")
        case .provisionedThroughput: "the provisioned \(kind) capacity of \(resource)"
        case .maxOnDemand: "the OnDemandThroughput maximum of \(kind)s of \(resource)"
        case .account: "the \(kind) quota of \(resource)"
        case nil: limit
        }
    }
}
