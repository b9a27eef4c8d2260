import ArgumentParser
import Expressions
import Items
import Terminal
import Transfer
import Wire

/// A condition that changes must satisfy to be told.
struct ChangeFilter: Sendable {
    private let condition: Condition

    /// - Throws: what cannot be understood.
    init(_ text: String, table: TransferTable) throws {
        var options = try SelectionOptions.parse([])
        options.filterText = text
        let selection = try options.selection(of: table)
        let names = selection.names?.members?.map { ($0.0, $0.1.string ?? "") } ?? []
        var values: [String: ItemValue] = [:]
        if let told = selection.values {
            let item: ItemBytes
            do throws(TextFault) {
                item = try ItemText.dynamodb(told.encoded)
            } catch {
                throw ConfigurationError("--where: \(error.message)")
            }
            item.forEachAttribute { name, value in
                values[String(decoding: item.bytes[name], as: UTF8.self)] = value
            }
        }
        var scope = ExpressionScope(
            names: Dictionary(names) { first, _ in first }, values: values)
        do throws(ExpressionError) {
            condition = try Condition.parse(selection.filter ?? "", as: .filter, scope: &scope)
        } catch {
            throw ConfigurationError("--where: \(error.message)")
        }
    }

    /// Whether the item as it is or was satisfies it; without images, its key.
    func fits(_ change: StreamChange) -> Bool {
        let images = [change.newImage, change.oldImage].compactMap { $0 }
        return (images.isEmpty ? [change.keys] : images).contains { condition.evaluate($0) }
    }
}
