import Glibc
import Logging
import Permissions
import Wire
import Yams

/// The file, or the directory of files, that `--policies` names.
enum PolicyFile {
    /// The most values of a file: a reference of YAML may stand for many.
    private static let valuesMax = 100_000
    private static let depthMax = 64

    /// Reads policies of roles and users; of a directory, `NAME.json` and `NAME.yaml` hold those of
    /// the role NAME.
    ///
    /// - Throws: one line that names the file, whose policy it is, and the statement.
    static func read(_ path: String) throws(ConfigurationError) -> GivenPolicies {
        guard let directory = opendir(path) else { return try policies(of: path) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if [".json", ".yaml", ".yml"].contains(where: name.hasSuffix), !name.hasPrefix(".") {
                names.append(name)
            }
        }
        closedir(directory)
        var given = GivenPolicies()
        for file in names.sorted() {
            let role = String(file[..<(file.lastIndex(of: ".") ?? file.endIndex)])
            guard Role.isName(role) else {
                throw ConfigurationError("\(path)/\(file): '\(role)' cannot be a role's name")
            }
            let json = try tree(of: "\(path)/\(file)")
            do throws(PolicyFault) {
                given.roles[role, default: []] += try GivenPolicies.policies(
                    json, of: "role \(role)")
            } catch {
                throw ConfigurationError("\(path)/\(file): \(error)")
            }
        }
        return given
    }

    private static func policies(of path: String) throws(ConfigurationError) -> GivenPolicies {
        let json = try tree(of: path)
        do throws(PolicyFault) {
            return try GivenPolicies(json)
        } catch {
            throw ConfigurationError("\(path): \(error)")
        }
    }

    private static func tree(of path: String) throws(ConfigurationError) -> JSONValue {
        let text = try TextFile.read(path)
        if path.hasSuffix(".json") {
            guard let json = try? JSONValue(parsing: Array(text.utf8)) else {
                throw ConfigurationError("\(path): not valid JSON")
            }
            return json
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationError("\(path): not valid YAML")
        }
        guard let node else { throw ConfigurationError("\(path): is empty") }
        var count = 0
        guard let json = value(node, depth: 0, &count) else {
            throw ConfigurationError("\(path): is nested too deeply, or holds too much")
        }
        return json
    }

    /// Plain scalars stay texts, a date included: policies have no other scalars but true and
    /// false, which are written like texts.
    private static func value(_ node: Node, depth: Int, _ count: inout Int) -> JSONValue? {
        count += 1
        guard depth < depthMax, count < valuesMax else { return nil }
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
            return isNull ? .null : .string(scalar.string)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence {
                guard let element = value(element, depth: depth + 1, &count) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        case .mapping(let mapping):
            var members: [(String, JSONValue)] = []
            for (name, member) in mapping {
                guard let name = name.scalar?.string,
                    let member = value(member, depth: depth + 1, &count)
                else { return nil }
                members.append((name, member))
            }
            return .object(members)
        case .alias:
            return nil
        }
    }
}
