import ArgumentParser
import Client
import Glibc
import Metering
import Operations
import Terminal
import Transfer

/// What the person sees of a transfer: a line while it goes on, a line when it ends, and faults as
/// one line that says what to do.
struct TransferReport {
    enum Units { case read, write }

    /// How throttled and broken calls are tried again: for minutes.
    static let retries = RetryPolicy(attemptsMax: 12, baseDelay: 0.05, delayMax: 5)

    let options: EndpointOptions
    let label: String
    var prices = PriceList.current
    let progress = TransferProgress()

    /// Runs work behind a progress line.
    ///
    /// - Parameter resume: what is said of an interruption: how to go on, where that is possible.
    /// - Throws: `CommandFailure` after an interruption.
    func run<Result: Sendable>(
        resume: @autoclosure () -> String?, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let line = ProgressLine(label, noun: "items")
        let painter = Task { [progress] in
            var painted = 0
            while !Task.isCancelled {
                let counts = progress.counts
                line.expect(Self.expectedItems(counts))
                line.advance(by: counts.items - painted)
                painted = counts.items
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        defer {
            painter.cancel()
            line.clear()
        }
        let result: Result?
        do {
            result = try await Interruption.guarding(work)
        } catch {
            painter.cancel()
            line.clear()
            throw refusal(error, resume: resume())
        }
        if let result { return result }
        painter.cancel()
        line.clear()
        throw CommandFailure(
            "stopped after \(Quantity.count(progress.counts.items)) items"
                + (resume().map { "; \($0)" } ?? ""), .interrupted)
    }

    /// How to go on with what left a checkpoint.
    static func resumption(_ checkpointPath: String?) -> String? {
        checkpointPath.flatMap { FilePath.exists($0) ? "go on with --resume" : nil }
    }

    private static func expectedItems(_ counts: TransferProgress.Counts) -> Int? {
        if let items = counts.expectedItems { return items }
        guard let bytes = counts.expectedFileBytes, counts.fileBytes > 0, counts.items > 0 else {
            return nil
        }
        let share = Double(counts.fileBytes) / Double(bytes)
        return share > 0 && share <= 1 ? Int(Double(counts.items) / share) : nil
    }

    /// One line of a fault; where going on is possible, how.
    func refusal(_ error: any Error, resume: String?) -> any Error {
        let hint = resume.map { " (\($0))" } ?? ""
        switch error {
        case let error as ServiceError:
            let told = options.refusal(error)
            return ConfigurationError("\(told)\(hint)")
        case let error as TransferError:
            if error.isOutputClosed { return CommandFailure(nil, .success) }
            // Some tell it themselves.
            return ConfigurationError(
                error.message.contains("--") ? error.message : error.message + hint)
        default: return error
        }
    }

    /// `exported 1,000 items (56.2 KB) to orders.jsonl in 1.2 s: 7 read units, $0.0000009`.
    func finish(_ verb: String, _ summary: TransferSummary, place: String, units: Units) {
        let counts = summary.counts
        let cost = prices.cost(
            ofReadUnits: units == .read ? counts.units : 0,
            writeUnits: units == .write ? counts.units : 0, tableClass: summary.tableClass)
        let noun = units == .read ? "read" : "write"
        var text = "\(verb) \(Quantity.count(counts.items)) item\(counts.items == 1 ? "" : "s")"
        if counts.itemBytes > 0 { text += " (\(Quantity.bytes(counts.itemBytes)))" }
        text += "\(place) in \(Quantity.duration(summary.seconds)): "
        text += "\(Quantity.units(counts.units)) \(noun) units, "
        text += "\(Quantity.money(cost)) on demand"
        if counts.skipped > 0 {
            text += "; \(Quantity.count(counts.skipped, of: "bad record")) left out"
        }
        tell(text)
    }

    /// A line on the standard error.
    func tell(_ text: String) {
        TerminalScreen.write(text + "\n", to: STDERR_FILENO)
    }
}

extension ExitCode {
    /// Interrupted at the keyboard, as shells have it for SIGINT.
    static let interrupted = ExitCode(130)
}
