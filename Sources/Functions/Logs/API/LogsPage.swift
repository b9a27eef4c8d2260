internal import Operations
internal import Wire

/// Where a page of a list ended: after a name, or after a time and a name.
struct LogsToken: Comparable {
    var time = 0
    var name: String

    static func < (left: LogsToken, right: LogsToken) -> Bool {
        left.time != right.time
            ? left.time < right.time : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }

    static func == (left: LogsToken, right: LogsToken) -> Bool {
        left.time == right.time && left.name.utf8.elementsEqual(right.name.utf8)
    }

    var text: String { "\(time)@" + PercentText.encoded(name) }

    init(time: Int = 0, name: String) {
        self.time = time
        self.name = name
    }

    init(text: String) throws(ServiceError) {
        guard let at = text.firstIndex(of: "@"), let time = Int(text[..<at]) else {
            throw .invalidParameter("The specified nextToken is invalid.")
        }
        self.time = time
        name = PercentText.decoded(text[text.index(after: at)...])
    }
}

/// A page of a list that is all in memory.
struct LogsPage<Element> {
    var elements: ArraySlice<Element>
    /// nil after the last page.
    var token: String?

    /// - Parameter elements: in the order of their tokens, or, with `descending`, against it.
    init(
        _ elements: [Element], after token: String?, limit: Int, descending: Bool = false,
        by key: (Element) -> LogsToken
    ) throws(ServiceError) {
        var rest = elements[...]
        if let token {
            let last = try LogsToken(text: token)
            rest = rest.drop { descending ? key($0) >= last : key($0) <= last }
        }
        self.elements = rest.prefix(limit)
        if rest.count > limit, let last = self.elements.last { self.token = key(last).text }
    }
}
