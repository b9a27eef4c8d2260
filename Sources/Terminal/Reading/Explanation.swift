package import Metering
internal import Operations
internal import Wire

/// What `--explain` tells of a Query or Scan: before, by the table's description alone; after, by
/// what was consumed.
package struct Explanation: Sendable {
    private let request: ReadRequest
    private let prices: PriceList
    /// The most bytes that a page evaluates.
    private static let pageBytes = 1 << 20

    package init(_ request: ReadRequest, prices: PriceList = .current) {
        self.request = request
        self.prices = prices
    }

    private func cost(_ units: Double) -> String {
        Quantity.money(ReadTally.cost(units: units, schema: request.schema, prices: prices))
    }

    // MARK: Before

    /// The lines before: which key serves it, how much it may read and cost.
    package func before(limit: Int? = nil) -> [String] {
        var lines = ["plan: \(plan)"]
        if !request.filterConditions.isEmpty {
            let told = request.filterConditions.map(\.told).joined(separator: " and ")
            lines.append("filter: \(told), looked at after reading: it saves nothing")
        } else if request.hasFilter {
            lines.append("filter: looked at after reading: it saves nothing")
        }
        lines.append("estimate: \(estimate(limit: limit))")
        lines.append(
            "prices: \(prices.region) of \(prices.date), on demand"
                + (request.schema.isProvisioned
                    ? "; this table is provisioned: reading draws on what is paid for" : ""))
        return lines
    }

    private var plan: String {
        guard request.operation == "Query" else {
            return "scan of \(request.sourceName): every item is read"
        }
        let told = request.keyConditions.map(\.told).joined(separator: " and ")
        return "query on \(request.sourceName)" + (told.isEmpty ? "" : " by \(told)")
    }

    /// Whether the conditions give a whole primary key: one item at most.
    private var isSingleItem: Bool {
        request.index == nil && request.operation == "Query"
            && request.keyConditions.count == request.schema.key.all.count
            && request.keyConditions.allSatisfy {
                if case .comparison(_, "=", _) = $0 { true } else { false }
            }
    }

    private func estimate(limit: Int?) -> String {
        let count = request.itemCount
        let size = request.byteCount
        guard count > 0, size > 0 else {
            return "unknown: the \(request.sourceName)'s item count says 0, which the service "
                + "counts anew every six hours"
        }
        let average = max(1, size / count)
        let told = "\(Quantity.count(count, of: "item")), \(Quantity.bytes(size)) as last counted"
        if isSingleItem {
            return "one item of about \(Quantity.bytes(average)): \(priced(average))"
        }
        if request.operation == "Scan" {
            let read = limit.map { request.hasFilter ? count : min(count, $0) } ?? count
            let (bytes, overflow) = average.multipliedReportingOverflow(by: read)
            let total = read == count || overflow ? size : bytes
            let pages = (total + Self.pageBytes - 1) / Self.pageBytes
            return "\(told): \(Quantity.count(pages, of: "page")), "
                + "\(priced(total))"
        }
        let inPage = min(count, max(1, Self.pageBytes / average))
        let most = limit.map { request.hasFilter ? inPage : min($0, inPage) } ?? inPage
        return "\(told); how many have this key isn't known: a page reads at most "
            + "\(Quantity.count(most)) of them, \(priced(min(Self.pageBytes, most * average)))"
    }

    /// `12.5 read units, $0.00000156`.
    private func priced(_ bytes: Int) -> String {
        var units = 0.0
        var rest = bytes
        let perPage = RequestUnitRules.read(
            byteCount: Self.pageBytes, consistent: request.isConsistent)
        units += Double(rest / Self.pageBytes) * perPage.value
        rest %= Self.pageBytes
        if rest > 0 || bytes == 0 {
            units +=
                RequestUnitRules.read(byteCount: rest, consistent: request.isConsistent).value
        }
        return "about \(Quantity.units(units)) read units, \(cost(units))"
    }

    // MARK: After

    /// The lines after: evaluated against returned, what the filter wasted, what would do better.
    package func after(_ tally: ReadTally) -> [String] {
        var lines = [
            "read: \(Quantity.count(tally.evaluated, of: "item")) in "
                + "\(Quantity.count(tally.pages, of: "page")), "
                + "\(Quantity.units(tally.units)) read units, \(cost(tally.units))"
        ]
        guard request.hasFilter, tally.evaluated > 0 else { return lines + advice(tally) }
        let dropped = max(0, tally.evaluated - tally.returned)
        let share = Double(dropped) / Double(tally.evaluated)
        let wasted = tally.units * share
        lines.append(
            "filter: returned \(Quantity.count(tally.returned)) of "
                + "\(Quantity.count(tally.evaluated)), so \(Quantity.percent(share)) of it was "
                + "wasted: about \(Quantity.units(wasted)) read units, \(cost(wasted))")
        return lines + advice(tally)
    }

    /// The key condition or index that would read less.
    private func advice(_ tally: ReadTally) -> [String] {
        guard tally.evaluated > tally.returned || request.operation == "Scan" else { return [] }
        let conditions = request.keyConditions + request.filterConditions
        guard !request.filterConditions.isEmpty else { return [] }
        if let better = existing(conditions) { return ["better: \(better)"] }
        if let better = oneByOne(conditions) { return ["better: \(better)"] }
        if let better = wanted(conditions) { return ["better: \(better)"] }
        return [
            "better: no key can serve this filter: it needs '=' on some attribute"
        ]
    }

    /// Queries for each of several values, of which a key takes one at a time.
    private func oneByOne(_ conditions: [WrittenCondition]) -> String? {
        for (place, condition) in conditions.enumerated() {
            guard let (operand, values) = condition.alternatives, let first = values.first,
                let name = operand.attribute
            else { continue }
            var single = conditions
            single[place] = .comparison(operand, "=", first)
            guard let query = existing(single) else { continue }
            return "a query for each of the \(values.count) values of \(name), the first: \(query)"
        }
        return nil
    }

    /// A key that is there and uses more of the conditions.
    private func existing(_ conditions: [WrittenCondition]) -> String? {
        let keys =
            [(nil, request.schema.key)]
            + request.schema.indexes.map { ($0 as IndexSchema?, $0.key) }
        var best: KeySelection?
        for (index, key) in keys {
            guard let found = try? KeySelection.of(conditions, key: key, index: index) else {
                continue
            }
            // An index that lacks what is filtered or selected is no better.
            guard found.unprojected(request.schema, and: request.columns ?? []) == nil else {
                continue
            }
            if found.conditions.count > best?.conditions.count ?? request.keyConditions.count {
                best = found
            }
        }
        guard let best else { return nil }
        let words = (best.conditions + best.rest).map { Shell.quoted($0.word) }
        let option = best.index.map { " --index \($0.name)" } ?? ""
        let holds =
            best.index.map { index in
                request.columns == nil && index.projection != "ALL"
                    ? " (it holds only \((["keys"] + index.nonKeyAttributes).joined(separator: ", ")))"
                    : ""
            } ?? ""
        return
            "basalt query \(request.schema.name) \(words.joined(separator: " "))\(option)\(holds)"
    }

    /// An index to make: hash by what is compared with `=`, sorted by what else is compared.
    private func wanted(_ conditions: [WrittenCondition]) -> String? {
        func isEqual(_ condition: WrittenCondition) -> Bool {
            if case .comparison(_, "=", let right) = condition {
                return KeySelection.isValue(right)
            }
            return false
        }
        func isSorted(_ condition: WrittenCondition) -> Bool {
            switch condition {
            case .comparison(_, let operation, let right):
                operation != "<>" && operation != "=" && KeySelection.isValue(right)
            case .between: true
            case .function("begins_with", _): true
            default: false
            }
        }
        let equals = conditions.filter { isEqual($0) && $0.attribute != nil }
        guard let hash = equals.first?.attribute else { return nil }
        let others = conditions.filter { $0.attribute != nil && $0.attribute != hash }
        let range =
            others.first(where: isEqual)?.attribute ?? others.first(where: isSorted)?.attribute
        let key = range.map { "\(hash) and \($0)" } ?? hash
        let uses = [hash, range].compactMap { $0 }.joined(separator: ",")
        let served = [hash, range].compactMap { $0 }.count
        let gain = served >= conditions.count ? "read only what it returns" : "read less"
        return "an index keyed by \(key) would \(gain) (create it with --gsi NAME=\(uses))"
    }
}
