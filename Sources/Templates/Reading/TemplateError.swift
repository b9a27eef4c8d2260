/// What is wrong with a template, or with what was given for it: one line with the place.
package struct TemplateError: Error, Sendable, CustomStringConvertible {
    package var message: String
    /// The template's file, as it was named.
    package var file: String?
    /// From 1; nil where it isn't known (JSON that is no YAML, values that were given).
    package var line: Int?

    package init(_ message: String, line: Int? = nil, file: String? = nil) {
        self.message = message
        self.line = line
        self.file = file
    }

    /// `template.yaml:12: message`.
    package var description: String {
        switch (file, line) {
        case (let file?, let line?): "\(file):\(line): \(message)"
        case (let file?, nil): "\(file): \(message)"
        case (nil, let line?): "line \(line): \(message)"
        case (nil, nil): message
        }
    }
}
