package import Items
internal import Wire

/// What differs between two images of an item, path by path.
package enum ItemDifference {
    package enum Change: Sendable, Equatable {
        case added(path: String, value: String)
        case removed(path: String, value: String)
        case changed(path: String, from: String, to: String)
    }

    /// The differences, in the order of the paths.
    ///
    /// Maps are looked into, and lists of equal count; other values are told whole.
    package static func changes(from old: ItemBytes?, to new: ItemBytes?) -> [Change] {
        var changes: [Change] = []
        compare(members(old), members(new), prefix: "", &changes)
        return changes
    }

    private static func members(_ item: ItemBytes?) -> [String: ItemValue] {
        var members: [String: ItemValue] = [:]
        item?.forEachAttribute { name, value in
            members[String(decoding: value.bytes[name], as: UTF8.self)] = value
        }
        return members
    }

    private static func members(_ map: ItemValue) -> [String: ItemValue] {
        var members: [String: ItemValue] = [:]
        map.forEachMember { name, value in
            members[String(decoding: map.bytes[name], as: UTF8.self)] = value
        }
        return members
    }

    private static func compare(
        _ old: [String: ItemValue], _ new: [String: ItemValue], prefix: String,
        _ changes: inout [Change]
    ) {
        for name in Set(old.keys).union(new.keys).sorted() {
            compare(old[name], new[name], path: prefix + Self.name(name), &changes)
        }
    }

    private static func compare(
        _ old: ItemValue?, _ new: ItemValue?, path: String, _ changes: inout [Change]
    ) {
        switch (old, new) {
        case (nil, nil): return
        case (nil, let new?): changes.append(.added(path: path, value: text(new)))
        case (let old?, nil): changes.append(.removed(path: path, value: text(old)))
        case (let old?, let new?):
            if old.isEqual(to: new) { return }
            if old.tag == .map, new.tag == .map {
                compare(members(old), members(new), prefix: path + ".", &changes)
                return
            }
            let (oldElements, newElements) = (old.elements, new.elements)
            if old.tag == .list, new.tag == .list, oldElements.count == newElements.count {
                for (index, pair) in zip(oldElements, newElements).enumerated() {
                    compare(pair.0, pair.1, path: "\(path)[\(index)]", &changes)
                }
                return
            }
            changes.append(.changed(path: path, from: text(old), to: text(new)))
        }
    }

    /// A name as it stands in a path: in backquotes where it has characters of paths.
    private static func name(_ name: String) -> String {
        name.isEmpty || name.contains(where: { ".[]` \n\r\t".contains($0) })
            ? "`\(name)`" : name
    }

    /// A value as plain JSON.
    package static func text(_ value: ItemValue) -> String {
        var writer = JSONWriter()
        writer.plainValue(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
