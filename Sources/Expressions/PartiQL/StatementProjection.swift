package import Items

/// The columns of a SELECT: document paths, each told under a name of its own.
///
/// A column is named by the last name of its path and the indices after it: `b` for `a.b`,
/// `b[0]` for `a.b[0]`. Of columns with one name the last is told.
package struct StatementProjection: Sendable {
    private let columns: [(name: [UInt8], path: DocumentPath)]

    init(_ paths: [DocumentPath]) {
        var columns: [(name: [UInt8], path: DocumentPath)] = []
        for path in paths {
            let name = Self.name(of: path)
            columns.removeAll { $0.name == name }
            columns.append((name, path))
        }
        self.columns = columns
    }

    private static func name(of path: DocumentPath) -> [UInt8] {
        var name: [UInt8] = []
        for element in path.elements {
            switch element {
            case .name(let bytes): name = bytes
            case .index(let index): name.append(contentsOf: "[\(index)]".utf8)
            }
        }
        return name
    }

    /// The attributes that the columns' paths begin with.
    package var topLevelAttributes: Set<String> { Set(columns.map(\.path.attribute)) }

    /// The row of an item; a path that leads nowhere has no column in it.
    package func apply(to item: ItemBytes) -> ItemBytes {
        var encoder = ItemEncoder(capacity: item.bytes.count)
        encoder.beginItem()
        var count = 0
        for (name, path) in columns {
            guard let value = path.value(in: item) else { continue }
            encoder.name(in: name, 0, name.count)
            encoder.value(value)
            count += 1
        }
        return encoder.finishItem(count: count)
    }
}
