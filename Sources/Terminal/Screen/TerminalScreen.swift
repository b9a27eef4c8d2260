internal import Glibc

/// What a file descriptor is to a person: a terminal of some size, or a pipe or file.
package enum TerminalScreen {
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The columns of a terminal; nil for what is none, or doesn't say.
    package static func columns(of descriptor: Int32) -> Int? {
        guard isTerminal(descriptor) else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Whether colours are wanted: for a terminal that has any, unless NO_COLOR is set.
    package static func wantsColour(_ descriptor: Int32) -> Bool {
        guard isTerminal(descriptor) else { return false }
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        guard let kind = getenv("TERM") else { return true }
        return String(cString: kind) != "dumb"
    }

    /// Writes a text whole; a closed descriptor is nobody's loss.
    ///
    /// - Returns: whether it could be written.
    @discardableResult
    package static func write(_ text: String, to descriptor: Int32) -> Bool {
        write(Array(text.utf8), to: descriptor)
    }

    @discardableResult
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// Runs work while a terminal hands over each key at once and echoes none.
    ///
    /// - Returns: nil where the descriptor is no terminal.
    package static func withRawMode<Result>(
        _ descriptor: Int32, _ work: () throws -> Result
    ) rethrows -> Result? {
        guard let restore = rawMode(descriptor) else { return nil }
        defer { restore() }
        return try work()
    }

    /// Switches a terminal to raw mode; the answer switches it back.
    package static func rawMode(_ descriptor: Int32) -> (@Sendable () -> Void)? {
        var usual = termios()
        guard tcgetattr(descriptor, &usual) == 0 else { return nil }
        var raw = usual
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        raw.c_iflag &= ~tcflag_t(IXON | ICRNL | BRKINT | INPCK | ISTRIP)
        guard tcsetattr(descriptor, TCSADRAIN, &raw) == 0 else { return nil }
        let kept = usual
        return {
            var kept = kept
            tcsetattr(descriptor, TCSADRAIN, &kept)
        }
    }
}
