import ArgumentParser
import Terminal
import Transfer
import Wire

/// Which items, and what of them.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only these attributes, parted by commas.", valueName: "names"))
    var select: String?
    @Option(help: "A FilterExpression as it is, with --names and --values.")
    var filter: String?
    @Option(help: "ExpressionAttributeNames as JSON.")
    var names: String?
    @Option(help: "ExpressionAttributeValues as DynamoDB JSON.")
    var values: String?

    func selection() throws(ConfigurationError) -> ScanSelection {
        var selection = ScanSelection(filter: filter)
        var names = try Self.object(names, "--names")
        let values = try Self.object(values, "--values")
        if let select {
            let columns = select.split(separator: ",").map(String.init)
            guard !columns.isEmpty else {
                throw ConfigurationError("--select: expected names, like id,total")
            }
            let places = columns.indices.map { "#select\($0)" }
            names += zip(places, columns).map { ($0, .string($1)) }
            selection.projection = places.joined(separator: ", ")
            selection.columns = columns
        }
        if !names.isEmpty { selection.names = .object(names) }
        if !values.isEmpty { selection.values = .object(values) }
        return selection
    }

    private static func object(
        _ text: String?, _ option: String
    ) throws(ConfigurationError) -> [(String, JSONValue)] {
        guard let text else { return [] }
        guard let members = (try? JSONValue(parsing: Array(text.utf8)))?.members else {
            throw ConfigurationError("\(option): expected a JSON object")
        }
        return members
    }
}
