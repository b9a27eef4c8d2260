/// The members of a request's object that has passed `ModelValidator`: typed reading, no faults.
///
/// What is absent, null or of another type reads as nil.
struct RequestFields {
    private let value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    /// Whether a member is there and isn't null.
    func has(_ name: String) -> Bool { present(name) != nil }

    func string(_ name: String) -> String? {
        guard case .string(let text)? = value[name] else { return nil }
        return text
    }

    func integer(_ name: String) -> Int? {
        guard case .number(let text)? = value[name] else { return nil }
        return WholeNumber.parse(text)
    }

    func bool(_ name: String) -> Bool? {
        guard case .bool(let flag)? = value[name] else { return nil }
        return flag
    }

    /// A value of an enumeration.
    func choice<Choice: RawRepresentable<String>>(_ name: String) -> Choice? {
        string(name).flatMap(Choice.init(rawValue:))
    }

    func object(_ name: String) -> RequestFields? {
        guard let value = present(name), case .object = value else { return nil }
        return RequestFields(value)
    }

    /// The objects of a list.
    func objects(_ name: String) -> [RequestFields]? {
        guard case .array(let elements)? = value[name] else { return nil }
        return elements.compactMap { element in
            guard case .object = element else { return nil }
            return RequestFields(element)
        }
    }

    /// The strings of a list.
    func strings(_ name: String) -> [String]? {
        guard case .array(let elements)? = value[name] else { return nil }
        return elements.compactMap { element in
            guard case .string(let text) = element else { return nil }
            return text
        }
    }

    private func present(_ name: String) -> JSONValue? {
        value[name].flatMap { $0.isNull ? nil : $0 }
    }
}
