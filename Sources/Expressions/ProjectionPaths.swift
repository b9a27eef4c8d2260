package import Items

/// The attributes and document paths that a read returns.
package struct ProjectionPaths: Sendable {
    private let paths: [DocumentPath]
    private let tree: PathTree

    /// Parses a ProjectionExpression.
    package static func parse(
        _ text: String, scope: inout ExpressionScope
    ) throws(ExpressionError) -> ProjectionPaths {
        let syntax = try SyntaxCache.syntax(of: text, kind: .projection)
        var findings = syntax.findings
        var paths: [DocumentPath] = []
        var tree = PathTree()
        for path in syntax.paths {
            guard let resolved = scope.resolve(path, &findings) else { break }
            tree.insert(resolved, after: paths, &findings)
            paths.append(resolved)
        }
        try findings.check(.projection)
        return ProjectionPaths(paths: paths, tree: tree)
    }

    /// The legacy AttributesToGet: whole attributes by their literal names.
    package init(attributesToGet: [String]) {
        self.init(attributesToGet.map { DocumentPath(attribute: $0) })
    }

    init(_ paths: [DocumentPath]) {
        self.init(paths: paths, tree: PathTree(paths))
    }

    private init(paths: [DocumentPath], tree: PathTree) {
        self.paths = paths
        self.tree = tree
    }

    /// The attributes that the paths begin with.
    package var topLevelAttributes: Set<String> { Set(paths.map(\.attribute)) }

    /// What of an item the paths name, in the item's order.
    ///
    /// A path that leads nowhere adds nothing. Of a list the named elements are kept in their
    /// order, without gaps; of a map the named entries.
    package func apply(to item: ItemBytes) -> ItemBytes {
        var encoder = ItemEncoder(capacity: item.bytes.count)
        encoder.beginItem()
        let bytes = item.bytes
        let count = copyEntries(
            of: 0, from: bytes, ItemBytes.headerByteCount, bytes.count, to: &encoder)
        return encoder.finishItem(count: count)
    }

    /// Copies the entries that a node's children name; returns their count.
    private func copyEntries(
        of node: Int, from bytes: [UInt8], _ start: Int, _ end: Int,
        to encoder: inout ItemEncoder
    ) -> Int {
        var copied = 0
        var offset = start
        while offset < end {
            let length = EncodedReader.varint(bytes, at: &offset)
            let value = offset + length
            if let child = tree.child(of: node, named: bytes, offset, value),
                matches(child, bytes, value)
            {
                encoder.name(in: bytes, offset, value)
                copy(child, from: bytes, value, to: &encoder)
                copied += 1
            }
            offset = EncodedReader.end(bytes, of: value)
        }
        return copied
    }

    /// Whether any path through a node leads to something in the value at an offset.
    private func matches(_ node: Int, _ bytes: [UInt8], _ start: Int) -> Bool {
        let children = tree.nodes[node].children
        guard !children.isEmpty else { return true }
        let isMap = EncodedReader.tag(bytes, at: start) == .map
        for child in children {
            let found: Int?
            switch tree.nodes[child].element {
            case .index(let index):
                found = EncodedReader.element(index, in: bytes, list: start)
            case .name(let name):
                found =
                    isMap
                    ? EncodedReader.find(
                        name, 0, name.count, in: bytes,
                        from: start + EncodedReader.containerHeaderByteCount,
                        to: EncodedReader.end(bytes, of: start)) : nil
            }
            if let found, matches(child, bytes, found) { return true }
        }
        return false
    }

    /// Copies what a node's paths name of the value at an offset, which matches.
    private func copy(
        _ node: Int, from bytes: [UInt8], _ start: Int, to encoder: inout ItemEncoder
    ) {
        let end = EncodedReader.end(bytes, of: start)
        guard !tree.nodes[node].children.isEmpty else {
            encoder.value(ItemValue(bytes: bytes, start: start, end: end))
            return
        }
        if !tree.nodes[node].isList {
            let mark = encoder.beginContainer(.map)
            let count = copyEntries(
                of: node, from: bytes, start + EncodedReader.containerHeaderByteCount, end,
                to: &encoder)
            encoder.endContainer(mark, count: count)
            return
        }
        let mark = encoder.beginContainer(.list)
        var count = 0
        for child in tree.nodes[node].children {
            guard case .index(let index) = tree.nodes[child].element,
                let element = EncodedReader.element(index, in: bytes, list: start),
                matches(child, bytes, element)
            else { continue }
            copy(child, from: bytes, element, to: &encoder)
            count += 1
        }
        encoder.endContainer(mark, count: count)
    }
}

extension ItemEncoder {
    /// A name that is in a range of a buffer.
    mutating func name(in bytes: [UInt8], _ start: Int, _ end: Int) {
        bytes.withUnsafeBufferPointer { name(UnsafeBufferPointer(rebasing: $0[start..<end])) }
    }
}
