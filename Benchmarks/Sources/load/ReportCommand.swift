import Foundation

/// `load report FILE`: the medians of a results file as Markdown.
struct ReportCommand {
    static let options: Set<String> = ["at-most", "at-least", "out"]

    /// A comparison of two labels' CPU per request, and its aim.
    private struct Ratio {
        var numerator: String
        var denominator: String
        var aim: Double
        var isLimit: Bool
    }

    private let path: String
    private let out: String?
    private var ratios: [Ratio] = []

    init(_ options: CommandOptions) throws(LoadError) {
        guard let path = options.operands.first else { throw LoadError("say the results file") }
        self.path = path
        out = options.text("out")
        for (name, isLimit) in [("at-most", true), ("at-least", false)] {
            for text in options.all(name) {
                let parts = text.split(separator: "/")
                guard parts.count == 3, let aim = Double(parts[2]) else {
                    throw LoadError("--\(name) wants LABEL/LABEL/AIM, not '\(text)'")
                }
                ratios.append(
                    Ratio(
                        numerator: String(parts[0]), denominator: String(parts[1]), aim: aim,
                        isLimit: isLimit))
            }
        }
    }

    func run() throws {
        let records = try BenchmarkRecord.read(path)
        var labels: [String] = []
        var runs: [String: [LoadRecord]] = [:]
        var startups: [StartupRecord] = []
        for record in records {
            switch record {
            case .load(let run):
                if runs[run.label] == nil { labels.append(run.label) }
                runs[run.label, default: []].append(run)
            case .startup(let startup): startups.append(startup)
            }
        }
        var lines = loadTable(labels, runs)
        lines += ratioTable(runs)
        if !startups.isEmpty { lines += startupTable(startups) }
        let text = lines.joined(separator: "\n") + "\n"
        print(text)
        if let out { try Data(text.utf8).write(to: URL(fileURLWithPath: out)) }
    }

    private func loadTable(_ labels: [String], _ runs: [String: [LoadRecord]]) -> [String] {
        var lines = [
            "| load (median of rounds) | connections | server CPU µs/request, each round "
                + "| median | requests/s | p50 ms | p99 ms | RSS MB |",
            "|---|--:|---|--:|--:|--:|--:|--:|",
        ]
        for label in labels {
            let rounds = runs[label] ?? []
            let cpu = rounds.compactMap(\.cpuMicroseconds)
            let cells = [
                label, "\(rounds.first?.connections ?? 0)",
                cpu.map { $0.fixed(1) }.joined(separator: ", "), "**\(cpu.median.fixed(1))**",
                rounds.map(\.requestsPerSecond).median.fixed(0),
                (rounds.map { Double($0.p50Nanoseconds) }.median / 1e6).fixed(2),
                (rounds.map { Double($0.p99Nanoseconds) }.median / 1e6).fixed(2),
                (rounds.compactMap { $0.serverResidentBytes.map(Double.init) }.median / 1e6)
                    .fixed(0),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines + [""]
    }

    /// Ratios are of runs side by side: of each round, and the median of those.
    private func ratioTable(_ runs: [String: [LoadRecord]]) -> [String] {
        var lines = [
            "| ratio of server CPU per request | each round | median | aim | |",
            "|---|---|--:|--:|---|",
        ]
        for ratio in ratios {
            let top = runs[ratio.numerator] ?? []
            let bottom = runs[ratio.denominator] ?? []
            let each = zip(top, bottom).compactMap { top, bottom -> Double? in
                guard let above = top.cpuMicroseconds, let below = bottom.cpuMicroseconds,
                    below > 0
                else { return nil }
                return above / below
            }
            guard !each.isEmpty else { continue }
            let isMet = ratio.isLimit ? each.median <= ratio.aim : each.median >= ratio.aim
            let cells = [
                "\(ratio.numerator) / \(ratio.denominator)",
                each.map { $0.fixed(2) }.joined(separator: ", "), "**\(each.median.fixed(2))**",
                "\(ratio.isLimit ? "≤" : "≥") \(ratio.aim.fixed(1))", isMet ? "met" : "missed",
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.count > 2 ? lines + [""] : []
    }

    private func startupTable(_ startups: [StartupRecord]) -> [String] {
        [
            "| start | starts | first answer, median ms | slowest ms | idle RSS MB |",
            "|---|--:|--:|--:|--:|",
        ]
            + startups.map { startup in
                "| \(startup.label) | \(startup.milliseconds.count) "
                    + "| \(startup.milliseconds.median.fixed(1)) "
                    + "| \((startup.milliseconds.max() ?? 0).fixed(1)) "
                    + "| \((Double(startup.idleResidentBytes) / 1e6).fixed(1)) |"
            } + [""]
    }
}

extension LoadRecord {
    /// The run in one line.
    var summary: String {
        let cpu = cpuMicroseconds.map { ", server CPU \($0.fixed(1)) µs/request" } ?? ""
        return "\(label): \(requests) requests, \(requestsPerSecond.fixed(0))/s\(cpu), "
            + "p50 \((Double(p50Nanoseconds) / 1e6).fixed(2)) ms, "
            + "p99 \((Double(p99Nanoseconds) / 1e6).fixed(2)) ms, errors \(errors)"
    }
}

extension StartupRecord {
    /// The starts in one line.
    var summary: String {
        "\(label): first answer after \(milliseconds.median.fixed(1)) ms (median of "
            + "\(milliseconds.count)), idle RSS "
            + "\((Double(idleResidentBytes) / 1e6).fixed(1)) MB"
    }
}

extension [Double] {
    /// The middle value; of an even number the mean of the two, of none 0.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension Double {
    /// The number with a fixed count of decimals.
    func fixed(_ decimals: Int) -> String { String(format: "%.\(decimals)f", self) }
}
