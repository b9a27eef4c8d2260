/// The `table` directive: a CreateTable in short, for scripts that are about something else.
///
/// ```
/// table tab pk=S sk=N local byDate date=N KEYS_ONLY global byOwner owner=S sk=N INCLUDE a,b
/// ```
///
/// The keys are the HASH key and the RANGE key; a local index names its RANGE key alone.
enum TableDirective {
    private struct Index {
        var isLocal: Bool
        var name: String
        var keys: [(name: String, type: String)] = []
        var projection = #"{"ProjectionType": "ALL"}"#
    }

    /// The body of the CreateTable; nil where the words are not a table's.
    static func body(_ words: [String]) -> String? {
        guard words.count > 2, words[0] == "table" else { return nil }
        var keys: [(name: String, type: String)] = []
        var indexes: [Index] = []
        var rest = words[2...]
        while let word = rest.popFirst() {
            if word == "local" || word == "global" {
                guard let name = rest.popFirst() else { return nil }
                indexes.append(Index(isLocal: word == "local", name: name))
            } else if let key = key(word) {
                if indexes.isEmpty {
                    keys.append(key)
                } else {
                    indexes[indexes.count - 1].keys.append(key)
                }
            } else if word == "ALL", !indexes.isEmpty {
                continue
            } else if word == "KEYS_ONLY", !indexes.isEmpty {
                indexes[indexes.count - 1].projection = #"{"ProjectionType": "KEYS_ONLY"}"#
            } else if word == "INCLUDE", !indexes.isEmpty, let names = rest.popFirst() {
                let list = names.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ", ")
                indexes[indexes.count - 1].projection =
                    #"{"ProjectionType": "INCLUDE", "NonKeyAttributes": [\#(list)]}"#
            } else {
                return nil
            }
        }
        guard let partitionKey = keys.first else { return nil }
        return body(name: words[1], keys, partitionKey.name, indexes)
    }

    private static func body(
        name: String, _ keys: [(name: String, type: String)], _ partitionKey: String,
        _ indexes: [Index]
    ) -> String {
        var types: [(name: String, type: String)] = []
        for key in keys + indexes.flatMap(\.keys)
        where !types.contains(where: { $0.name == key.name }) {
            types.append(key)
        }
        let definitions = types.map {
            #"{"AttributeName": "\#($0.name)", "AttributeType": "\#($0.type)"}"#
        }
        var members = [
            #""TableName": "\#(name)", "BillingMode": "PAY_PER_REQUEST""#,
            #""AttributeDefinitions": [\#(definitions.joined(separator: ", "))]"#,
            #""KeySchema": \#(schema(keys.map(\.name)))"#,
        ]
        for (member, isLocal) in [
            ("LocalSecondaryIndexes", true), ("GlobalSecondaryIndexes", false),
        ] {
            let texts = indexes.filter { $0.isLocal == isLocal }.map { index in
                let names = (isLocal ? [partitionKey] : []) + index.keys.map(\.name)
                return #"{"IndexName": "\#(index.name)", "KeySchema": \#(schema(names)), "#
                    + #""Projection": \#(index.projection)}"#
            }
            if !texts.isEmpty {
                members.append(#""\#(member)": [\#(texts.joined(separator: ", "))]"#)
            }
        }
        return "{" + members.joined(separator: ", ") + "}"
    }

    private static func schema(_ names: [String]) -> String {
        let elements = names.enumerated().map { place, name in
            #"{"AttributeName": "\#(name)", "KeyType": "\#(place == 0 ? "HASH" : "RANGE")"}"#
        }
        return "[" + elements.joined(separator: ", ") + "]"
    }

    private static func key(_ word: String) -> (name: String, type: String)? {
        let halves = word.split(separator: "=")
        return halves.count == 2 ? (String(halves[0]), String(halves[1])) : nil
    }
}
