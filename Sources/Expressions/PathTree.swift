internal import Items

/// The paths of one expression as a tree over their shared beginnings.
///
/// Node 0 is the item. Projections copy along it, updates rewrite along it. Two paths may neither
/// be equal nor one the beginning of the other (overlap), nor treat one value both as a map and as
/// a list (conflict).
struct PathTree: Sendable {
    struct Node: Sendable {
        var element: DocumentPath.Element
        /// In the order of insertion; in the order of indices where the elements are indices.
        var children: [Int] = []
        /// The path that ends here: its number in the order of insertion; nil within the tree.
        var leaf: Int?
        /// The first path that passed here.
        var first: Int

        /// Whether the children are elements of a list.
        var isList = false
    }

    /// Two paths that cannot stand together, by number in the order of insertion.
    enum Clash: Error {
        case overlap(with: Int)
        case conflict(with: Int)
    }

    private struct Edge: Hashable {
        var parent: Int
        var element: DocumentPath.Element
    }

    private(set) var nodes: [Node] = [Node(element: .index(0), first: 0)]
    private var edges: [Edge: Int] = [:]
    private var count = 0

    init() {}

    /// The tree of paths; those that clash with an earlier one are left out.
    init(_ paths: some Sequence<DocumentPath>) {
        for path in paths {
            do throws(Clash) { try insert(path) } catch { continue }
        }
    }

    /// Adds a path; its number is the count of paths added before, the failed ones included.
    mutating func insert(_ path: DocumentPath) throws(Clash) {
        let number = count
        count += 1
        var current = 0
        for (position, element) in path.elements.enumerated() {
            if let leaf = nodes[current].leaf { throw .overlap(with: leaf) }
            let isIndex = if case .index = element { true } else { false }
            if nodes[current].children.isEmpty {
                nodes[current].isList = isIndex
            } else if nodes[current].isList != isIndex {
                throw .conflict(with: nodes[current].first)
            }
            let edge = Edge(parent: current, element: element)
            if let next = edges[edge] {
                current = next
                if position == path.elements.count - 1 {
                    throw .overlap(with: nodes[current].leaf ?? nodes[current].first)
                }
            } else {
                let next = nodes.count
                nodes.append(Node(element: element, first: number))
                edges[edge] = next
                addChild(next, to: current, element)
                current = next
            }
        }
        nodes[current].leaf = number
    }

    private mutating func addChild(
        _ child: Int, to parent: Int, _ element: DocumentPath.Element
    ) {
        guard case .index(let index) = element else {
            nodes[parent].children.append(child)
            return
        }
        var place = nodes[parent].children.count
        while place > 0,
            case .index(let other) = nodes[nodes[parent].children[place - 1]].element, other > index
        {
            place -= 1
        }
        nodes[parent].children.insert(child, at: place)
    }

    /// The child of a node for the name in a range of a buffer.
    func child(of node: Int, named bytes: [UInt8], _ start: Int, _ end: Int) -> Int? {
        for child in nodes[node].children {
            guard case .name(let name) = nodes[child].element, name.count == end - start else {
                continue
            }
            if EncodedReader.equal(name, 0, bytes, start, count: name.count) { return child }
        }
        return nil
    }
}

extension PathTree {
    /// Inserts the targets of an expression, and finds what the service says of a clash.
    mutating func insert(
        _ path: DocumentPath, after earlier: [DocumentPath], _ findings: inout Findings
    ) {
        func message(_ verb: String, _ number: Int) -> String {
            "Two document paths \(verb) with each other; "
                + "must remove or rewrite one of these paths; "
                + "path one: \(earlier[number].text), path two: \(path.text)"
        }
        do throws(Clash) {
            try insert(path)
        } catch {
            switch error {
            case .overlap(let number): findings.record(.overlap, message("overlap", number))
            case .conflict(let number): findings.record(.conflict, message("conflict", number))
            }
        }
    }
}
