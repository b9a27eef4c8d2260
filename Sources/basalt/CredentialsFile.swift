/// The AWS credentials file: profiles in brackets, each with an access key and its secret.
enum CredentialsFile {
    /// The secrets of all profiles, by access key.
    static func read(_ path: String) throws(ConfigurationError) -> [String: String] {
        let secrets = parse(try TextFile.read(path))
        guard !secrets.isEmpty else {
            throw ConfigurationError("\(path): holds no access key with its secret")
        }
        return secrets
    }

    /// Profiles without both parts are left out, and so are comments and other settings.
    static func parse(_ text: String) -> [String: String] {
        var secrets: [String: String] = [:]
        var accessKey: String?
        var secretKey: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = trimmed(line)
            if line.hasPrefix("[") {
                accessKey = nil
                secretKey = nil
                continue
            }
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch trimmed(parts[0]) {
            case "aws_access_key_id": accessKey = String(trimmed(parts[1]))
            case "aws_secret_access_key": secretKey = String(trimmed(parts[1]))
            default: continue
            }
            if let accessKey, let secretKey { secrets[accessKey] = secretKey }
        }
        return secrets
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }
}
