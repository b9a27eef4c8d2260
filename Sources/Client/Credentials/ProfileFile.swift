/// A file of profiles: `~/.aws/config` or `~/.aws/credentials`.
///
/// Sections `[name]` or `[profile name]`, lines `key = value`, comments after `#` or `;`. What is
/// indented belongs to a nested setting, which no command of ours needs, and is passed over; so are
/// sections of other kinds (`[sso-session x]`).
package struct ProfileFile: Sendable {
    /// Settings by profile, their names in lower case.
    package private(set) var profiles: [String: [String: String]] = [:]

    package init(parsing text: String) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            guard let first = line.first else { continue }
            let bare = Self.trimmed(line)
            if bare.isEmpty || bare.hasPrefix("#") || bare.hasPrefix(";") { continue }
            if first == "[" {
                section = Self.profileName(bare)
                if let section, profiles[section] == nil { profiles[section] = [:] }
                continue
            }
            guard !first.isWhitespace, let section, let equals = bare.firstIndex(of: "=") else {
                continue
            }
            let name = Self.trimmed(bare[..<equals]).lowercased()
            var value = Self.trimmed(bare[bare.index(after: equals)...])
            if let comment = value.range(ofComment: ()) { value = Self.trimmed(value[..<comment]) }
            profiles[section]?[name] = String(value)
        }
    }

    private static func profileName(_ line: Substring) -> String? {
        guard let close = line.firstIndex(of: "]") else { return nil }
        let words = line[line.index(after: line.startIndex)..<close]
            .split(whereSeparator: \.isWhitespace)
        switch words.count {
        case 1: return String(words[0])
        case 2... where words[0] == "profile":
            return words.dropFirst().joined(separator: " ")
        default: return nil
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }
}

extension Substring {
    /// Where a comment begins after a value: a space and `#` or `;`.
    fileprivate func range(ofComment: Void) -> Index? {
        var previous: Character = "x"
        for index in indices {
            if self[index] == "#" || self[index] == ";", previous.isWhitespace { return index }
            previous = self[index]
        }
        return nil
    }
}
