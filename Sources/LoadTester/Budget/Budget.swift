/// Limits that a run has to keep: `p99<10ms,usd_month<100,throttles=0,p50(get order)<2ms`.
package struct Budget: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        // The longer ones first: that is how they are looked for.
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"
        case equal = "="

        func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .atMost: value <= limit
            case .atLeast: value >= limit
            case .below: value < limit
            case .above: value > limit
            case .equal: value == limit
            }
        }
    }

    package struct Term: Sendable, Hashable {
        /// As it was written.
        package var text: String
        var metric: BudgetMetric
        /// The pattern, table or index that it is about; nil: the whole.
        var subject: String?
        var comparison: Comparison
        var limit: Double
    }

    package var terms: [Term]

    /// Reads a budget.
    ///
    /// - Throws: `BudgetFault`, which tells the term and what may stand there.
    package init(_ text: String) throws(BudgetFault) {
        let parts = Self.parts(of: text)
        guard !parts.isEmpty else {
            throw BudgetFault("a budget needs a term, such as p99<10ms")
        }
        terms = []
        for part in parts { terms.append(try Term(part)) }
    }

    /// Checks that a term's subject is a pattern, table or index of a design.
    package func check(_ design: Design) throws(BudgetFault) {
        for term in terms {
            guard let subject = term.subject else { continue }
            let known =
                term.metric.isOfResources
                ? design.resources.map(\.name) : design.patterns.map(\.name)
            guard !known.contains(subject) else { continue }
            let kind = term.metric.isOfResources ? "table or index" : "access pattern"
            throw BudgetFault(
                "\(term.text): the design \(design.name) has no \(kind) '\(subject)' "
                    + "(it has \(known.joined(separator: ", ")))")
        }
    }

    /// What becomes of each term in a design's report.
    package func outcomes(in report: DesignReport) -> [BudgetOutcome] {
        terms.map { term in
            let value = term.metric.value(in: report, subject: term.subject)
            let isMet = value.map { term.comparison.holds($0, term.limit) } ?? false
            return BudgetOutcome(
                design: report.name, term: term.text,
                value: value.flatMap { $0.isFinite ? $0 : nil },
                text: value.map { term.metric.text(of: $0) } ?? "unknown", isMet: isMet)
        }
    }

    /// The terms' texts: commas inside of parentheses part nothing.
    private static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var current = ""
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth = max(0, depth - 1) }
            if character == ",", depth == 0 {
                parts.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        parts.append(current)
        return parts.map(\.trimmedSpaces).filter { !$0.isEmpty }
    }
}

/// What is wrong with a budget.
package struct BudgetFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension Budget.Term {
    init(_ text: String) throws(BudgetFault) {
        guard let (left, comparison, right) = Self.split(text) else {
            throw BudgetFault("\(text): a term is a figure, one of < <= = >= >, and a limit")
        }
        var name = left
        var subject: String?
        if left.hasSuffix(")"), let open = left.firstIndex(of: "(") {
            name = String(left[..<open]).trimmedSpaces
            subject = String(left[left.index(after: open)...].dropLast()).trimmedSpaces
        }
        guard let metric = BudgetMetric(rawValue: name.lowercased()) else {
            let known = BudgetMetric.allCases.map(\.rawValue).joined(separator: ", ")
            throw BudgetFault("\(text): unknown figure '\(name)' (there are \(known))")
        }
        if subject != nil, !metric.takesSubject {
            throw BudgetFault("\(text): \(name) is of the whole run and takes no parentheses")
        }
        self.init(
            text: text, metric: metric, subject: subject, comparison: comparison,
            limit: try metric.limit(right, in: text))
    }

    /// The sides of the first comparison that stands outside of parentheses.
    private static func split(_ text: String) -> (String, Budget.Comparison, String)? {
        var depth = 0
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth = max(0, depth - 1) }
            guard depth == 0 else { continue }
            for comparison in Budget.Comparison.allCases
            where text[index...].hasPrefix(comparison.rawValue) {
                let left = String(text[..<index]).trimmedSpaces
                let right = String(text[index...].dropFirst(comparison.rawValue.count))
                    .trimmedSpaces
                return left.isEmpty || right.isEmpty ? nil : (left, comparison, right)
            }
        }
        return nil
    }
}

extension String {
    /// The text without spaces at its ends.
    var trimmedSpaces: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
