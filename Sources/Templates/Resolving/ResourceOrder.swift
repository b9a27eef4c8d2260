/// The order in which resources are deployed: each after those that it names.
enum ResourceOrder {
    /// Resources in an order in which each comes after what it depends on; else as they stand.
    ///
    /// - Parameter synonyms: other names of resources, `Function.Alias` say.
    /// - Throws: `TemplateError` for DependsOn of what isn't there, and for cycles, whose members
    ///   it names.
    static func sorted(
        _ resources: [Template.Resource], synonyms: [String: String], absent: Set<String>
    ) throws(TemplateError) -> [Template.Resource] {
        var places: [String: Int] = [:]
        for (place, resource) in resources.enumerated() { places[resource.logicalID] = place }
        var needs: [[Int]] = []
        for resource in resources {
            var names = references(in: resource.properties, synonyms: synonyms)
            for name in resource.dependsOn where !absent.contains(name) {
                guard places[name] != nil else {
                    throw TemplateError(
                        "Resources.\(resource.logicalID).DependsOn: there is no resource \(name)",
                        line: resource.line)
                }
                names.append(name)
            }
            var found: [Int] = []
            for name in names {
                if let place = places[name], !found.contains(place) { found.append(place) }
            }
            needs.append(found)
        }
        var order = Walk(needs: needs)
        for place in resources.indices {
            if let cycle = order.visit(place) {
                let names = cycle.map { resources[$0].logicalID }
                throw TemplateError(
                    "resources depend on each other: " + names.joined(separator: " → "),
                    line: resources[place].line)
            }
        }
        return order.sorted.map { resources[$0] }
    }

    /// The resources (and other names) that functions in a node name.
    static func references(
        in node: TemplateNode, synonyms: [String: String] = [:]
    ) -> [String] {
        if let (name, argument) = node.function {
            switch name {
            case "Ref": return argument.string.map { [synonyms[$0] ?? $0] } ?? []
            case "Fn::GetAtt":
                if let text = argument.string { return [String(text.prefix { $0 != "." })] }
                let first = argument.elements?.first?.string
                return [first].compactMap { $0 }
                    + (argument.elements ?? []).flatMap { references(in: $0, synonyms: synonyms) }
            case "Fn::Sub":
                let text = argument.string ?? argument.elements?.first?.string ?? ""
                let own = argument.elements?.dropFirst().first?.members?.map(\.key) ?? []
                var names: [String] = []
                for case .name(let name) in SubstitutionText.parts(of: text)
                where !own.contains(name) {
                    names.append(synonyms[name] ?? String(name.prefix { $0 != "." }))
                }
                return names
                    + (argument.elements ?? []).flatMap { references(in: $0, synonyms: synonyms) }
            default: break
            }
        }
        return (node.elements ?? []).flatMap { references(in: $0, synonyms: synonyms) }
            + (node.members ?? []).flatMap { references(in: $0.value, synonyms: synonyms) }
    }

    /// A depth-first walk that doesn't recurse: templates have hundreds of resources in a row.
    private struct Walk {
        private enum Mark { case fresh, open, done }

        private let needs: [[Int]]
        private var marks: [Mark]
        private(set) var sorted: [Int] = []

        init(needs: [[Int]]) {
            self.needs = needs
            marks = needs.map { _ in .fresh }
        }

        /// - Returns: a cycle, its first member again at the end; nil where there is none.
        mutating func visit(_ start: Int) -> [Int]? {
            guard marks[start] == .fresh else { return nil }
            var path = [(place: start, next: 0)]
            marks[start] = .open
            while let top = path.last {
                guard top.next < needs[top.place].count else {
                    marks[top.place] = .done
                    sorted.append(top.place)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let need = needs[top.place][top.next]
                switch marks[need] {
                case .done: break
                case .open:
                    let members = path.map(\.place)
                    return Array(members.drop { $0 != need }) + [need]
                case .fresh:
                    marks[need] = .open
                    path.append((need, 0))
                }
            }
            return nil
        }
    }
}
