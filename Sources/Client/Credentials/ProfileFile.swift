/// A file of profiles: `~/.aws/config` or `~/.aws/credentials`.
///
/// Sections `[name]` or `[profile name]`, lines `key = value`, comments after `#` or `;`. What is
/// indented is nested: `endpoint_url` below `dynamodb =` is the setting `dynamodb.endpoint_url`.
/// Sections of kinds that nothing asks for (`[plugins]`) are passed over.
package struct ProfileFile: Sendable {
    /// Settings by profile, their names in lower case.
    package private(set) var profiles: [String: [String: String]] = [:]
    /// What sections `[sso-session name]` say.
    private(set) var signOnSessions: [String: [String: String]] = [:]
    /// What sections `[services name]` say.
    private(set) var services: [String: [String: String]] = [:]

    private enum Section {
        case profile(String)
        case signOnSession(String)
        case services(String)
    }

    package init(parsing text: String) {
        var section: Section?
        var outer: String?
        for line in text.split(whereSeparator: \.isNewline) {
            guard let first = line.first else { continue }
            let bare = Self.trimmed(line)
            if bare.isEmpty || bare.hasPrefix("#") || bare.hasPrefix(";") { continue }
            if first == "[" {
                section = Self.section(bare)
                outer = nil
                if case .profile(let name)? = section, profiles[name] == nil {
                    profiles[name] = [:]
                }
                continue
            }
            guard let section, let equals = bare.firstIndex(of: "=") else { continue }
            var name = Self.trimmed(bare[..<equals]).lowercased()
            var value = Self.trimmed(bare[bare.index(after: equals)...])
            if let comment = value.range(ofComment: ()) { value = Self.trimmed(value[..<comment]) }
            if first.isWhitespace {
                guard let outer else { continue }
                name = "\(outer).\(name)"
            } else {
                outer = name
            }
            set(name, String(value), in: section)
        }
    }

    private mutating func set(_ name: String, _ value: String, in section: Section) {
        switch section {
        case .profile(let profile): profiles[profile, default: [:]][name] = value
        case .signOnSession(let session): signOnSessions[session, default: [:]][name] = value
        case .services(let group): services[group, default: [:]][name] = value
        }
    }

    private static func section(_ line: Substring) -> Section? {
        guard let close = line.firstIndex(of: "]") else { return nil }
        let words = line[line.index(after: line.startIndex)..<close]
            .split(whereSeparator: \.isWhitespace)
        guard let kind = words.first else { return nil }
        if words.count == 1 { return .profile(unquoted(String(kind))) }
        let name = unquoted(words.dropFirst().joined(separator: " "))
        switch kind {
        case "profile": return .profile(name)
        case "sso-session": return .signOnSession(name)
        case "services": return .services(name)
        default: return nil
        }
    }

    private static func unquoted(_ name: String) -> String {
        guard name.count > 1, let first = name.first, first == name.last, "\"'".contains(first)
        else {
            return name
        }
        return String(name.dropFirst().dropLast())
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
