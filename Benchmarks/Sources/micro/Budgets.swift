import Foundation

/// The allocations that each benchmark may make, checked in beside the code.
struct Budgets {
    private static let slack = 1.25

    let path: String
    private var allocations: [String: Double]

    init(path: String) throws {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else {
            allocations = [:]
            return
        }
        allocations = try JSONDecoder().decode(
            [String: Double].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The budget of a benchmark; nil where it has none.
    func budget(_ name: String) -> Double? { allocations[name] }

    /// What exceeds its budget or has none, in a sentence each.
    func breaches(_ figures: [Figures]) -> [String] {
        figures.compactMap { figures in
            guard let budget = allocations[figures.name] else {
                return "\(figures.name): has no budget; --update gives it one"
            }
            guard figures.allocations > budget else { return nil }
            return "\(figures.name): \(figures.allocations) allocations per operation, "
                + "budget \(budget)"
        }
    }

    /// Makes what was measured the budget: whole counts as they are, others with a quarter on top.
    mutating func update(_ figures: [Figures]) throws {
        for figures in figures {
            let isWhole = figures.allocations == figures.allocations.rounded()
            allocations[figures.name] =
                isWhole ? figures.allocations : (figures.allocations * Self.slack).rounded(.up)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let text = try encoder.encode(allocations) + Data("\n".utf8)
        try text.write(to: URL(fileURLWithPath: path))
    }
}
