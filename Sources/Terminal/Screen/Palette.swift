/// Colours of what is printed; none where the reader is no terminal.
package struct Palette: Sendable {
    package enum Ink: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    package let isColoured: Bool

    package init(isColoured: Bool) { self.isColoured = isColoured }

    /// Colours where the descriptor is a terminal that wants them.
    package init(for descriptor: Int32) {
        self.init(isColoured: TerminalScreen.wantsColour(descriptor))
    }

    package static let plain = Palette(isColoured: false)

    package func paint(_ text: String, _ ink: Ink) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
    }
}
