package import Items

/// What a stream tells of each change: its view type.
package enum StreamView: String, Sendable, Codable, CaseIterable {
    case keysOnly = "KEYS_ONLY"
    case newImage = "NEW_IMAGE"
    case oldImage = "OLD_IMAGE"
    case newAndOldImages = "NEW_AND_OLD_IMAGES"

    var showsNewImage: Bool { self == .newImage || self == .newAndOldImages }
    var showsOldImage: Bool { self == .oldImage || self == .newAndOldImages }
}

/// The names of a table's key attributes, by which a record's keys are found in its images.
package struct StreamKeySchema: Sendable, Codable, Hashable {
    package let hash: String
    package let range: String?

    package init(hash: String, range: String?) {
        self.hash = hash
        self.range = range
    }

    /// The key attributes of an item, alone.
    package func key(of item: ItemBytes) -> ItemBytes {
        let hash = hash.utf8
        let range = range?.utf8
        return item.filter { name in
            name.elementsEqual(hash) || (range.map { name.elementsEqual($0) } ?? false)
        }
    }
}
