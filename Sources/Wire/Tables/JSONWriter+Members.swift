import Items

extension JSONWriter {
    /// A member with a string; none for nil, as in the functions below.
    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    mutating func member(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        self.name(name)
        integer(value)
    }

    mutating func member(_ name: StaticString, _ value: Bool?) {
        guard let value else { return }
        self.name(name)
        bool(value)
    }

    /// A member with a time or another fraction.
    mutating func member(_ name: StaticString, _ value: Double?) {
        guard let value else { return }
        self.name(name)
        double(value)
    }

    /// A member with an item or key.
    mutating func member(_ name: StaticString, item: ItemBytes?) {
        guard let item else { return }
        self.name(name)
        self.item(item)
    }

    /// A member with an object, whose members the function writes.
    mutating func member(_ name: StaticString, _ members: (inout JSONWriter) -> Void) {
        self.name(name)
        beginObject()
        members(&self)
        endObject()
    }

    /// A member with a list, each element of which the function writes as one value.
    mutating func list<Element>(
        _ name: StaticString, _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void
    ) {
        self.name(name)
        beginArray()
        for value in elements {
            element()
            write(value, &self)
        }
        endArray()
    }

    /// An object of a single member that is an object.
    mutating func object(_ name: StaticString, _ members: (inout JSONWriter) -> Void) {
        beginObject()
        member(name, members)
        endObject()
    }
}
