internal import Items

/// Writes an item anew with the changes of an update, along the tree of its paths.
///
/// What no path touches is copied as bytes. Indices of list elements are those before the update:
/// removals close the gaps at the end, writes beyond the end append in the order of indices.
struct ItemRewriter {
    private let tree: PathTree
    private let changes: [Update.Change]
    private var encoder = ItemEncoder()
    /// The index after the update of the list elements that have a node and are still there.
    private var newIndices: [Int: Int] = [:]

    init(tree: PathTree, changes: [Update.Change]) {
        self.tree = tree
        self.changes = changes
    }

    /// - Throws: the service's error where a path leads through something that isn't there.
    mutating func rewrite(_ item: ItemBytes) throws(ExpressionError) -> ItemBytes {
        encoder = ItemEncoder(capacity: item.bytes.count + 64)
        encoder.beginItem()
        let count = try rewriteEntries(
            of: 0, item.bytes, ItemBytes.headerByteCount, item.bytes.count)
        return encoder.finishItem(count: count)
    }

    /// Where the targets that were not removed are after the update.
    func written(_ paths: [DocumentPath]) -> [DocumentPath] {
        var result: [DocumentPath] = []
        collect(0, [], &result)
        return result
    }

    private func collect(
        _ node: Int, _ prefix: [DocumentPath.Element], _ result: inout [DocumentPath]
    ) {
        if let leaf = tree.nodes[node].leaf {
            if case .remove = changes[leaf] { return }
            result.append(DocumentPath(elements: prefix))
            return
        }
        for child in tree.nodes[node].children {
            var element = tree.nodes[child].element
            if case .index = element {
                guard let index = newIndices[child] else { continue }
                element = .index(index)
            }
            collect(child, prefix + [element], &result)
        }
    }

    /// Writes the entries of the item or of a map; returns their count.
    private mutating func rewriteEntries(
        of node: Int, _ bytes: [UInt8], _ start: Int, _ end: Int
    ) throws(ExpressionError) -> Int {
        var written = 0
        var found: Set<Int> = []
        var offset = start
        while offset < end {
            let length = EncodedReader.varint(bytes, at: &offset)
            let valueAt = offset + length
            let next = EncodedReader.end(bytes, of: valueAt)
            let value = ItemValue(bytes: bytes, start: valueAt, end: next)
            if let child = tree.child(of: node, named: bytes, offset, valueAt) {
                found.insert(child)
                if !isRemoved(child) {
                    encoder.name(in: bytes, offset, valueAt)
                    try rewrite(child, value)
                    written += 1
                }
            } else {
                encoder.name(in: bytes, offset, valueAt)
                encoder.value(value)
                written += 1
            }
            offset = next
        }
        for child in tree.nodes[node].children where !found.contains(child) {
            guard let leaf = tree.nodes[child].leaf else { throw Update.invalidPath }
            guard case .write(let value) = changes[leaf],
                case .name(let name) = tree.nodes[child].element
            else { continue }
            encoder.name(in: name, 0, name.count)
            encoder.value(value)
            written += 1
        }
        return written
    }

    private func isRemoved(_ node: Int) -> Bool {
        guard let leaf = tree.nodes[node].leaf, case .remove = changes[leaf] else { return false }
        return true
    }

    /// Writes what becomes of an existing value that is not removed.
    private mutating func rewrite(
        _ node: Int, _ value: ItemValue
    ) throws(ExpressionError) {
        if let leaf = tree.nodes[node].leaf {
            if case .write(let replacement) = changes[leaf] {
                encoder.value(replacement)
            } else {
                encoder.value(value)
            }
            return
        }
        if tree.nodes[node].isList {
            guard value.tag == .list else { throw Update.invalidPath }
            let mark = encoder.beginContainer(.list)
            let count = try rewriteElements(of: node, value)
            encoder.endContainer(mark, count: count)
        } else {
            guard value.tag == .map else { throw Update.invalidPath }
            let mark = encoder.beginContainer(.map)
            let count = try rewriteEntries(
                of: node, value.bytes, value.start + EncodedReader.containerHeaderByteCount,
                value.end)
            encoder.endContainer(mark, count: count)
        }
    }

    /// Writes the elements of a list; returns their count.
    private mutating func rewriteElements(
        of node: Int, _ list: ItemValue
    ) throws(ExpressionError) -> Int {
        // The children are in the order of their indices.
        let children = tree.nodes[node].children
        var pending = 0
        var written = 0
        for (position, element) in list.elements.enumerated() {
            guard pending < children.count,
                case .index(position) = tree.nodes[children[pending]].element
            else {
                encoder.value(element)
                written += 1
                continue
            }
            let child = children[pending]
            pending += 1
            if isRemoved(child) { continue }
            try rewrite(child, element)
            newIndices[child] = written
            written += 1
        }
        for child in children[pending...] {
            guard let leaf = tree.nodes[child].leaf else { throw Update.invalidPath }
            guard case .write(let value) = changes[leaf] else { continue }
            encoder.value(value)
            newIndices[child] = written
            written += 1
        }
        return written
    }
}
