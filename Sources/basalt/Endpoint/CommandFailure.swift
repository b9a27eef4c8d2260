import ArgumentParser

/// Why a command ends with another code than 0: a line for the person, and the code for scripts.
struct CommandFailure: Error {
    /// nil: the code tells it all.
    let message: String?
    let code: ExitCode

    init(_ message: String?, _ code: ExitCode = .failure) {
        self.message = message
        self.code = code
    }
}

extension ExitCode {
    /// `get` found no item.
    static let nothingFound = ExitCode(3)
    /// The condition of a write does not hold.
    static let conditionFailed = ExitCode(4)
    /// `--max-rcu` or `--max-cost` stopped it before the end.
    static let budgetReached = ExitCode(5)
    /// `load` measured something beyond a limit of `--budget`.
    static let budgetMissed = ExitCode(6)
}
