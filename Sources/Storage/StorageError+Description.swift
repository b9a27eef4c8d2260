extension StorageError: CustomStringConvertible {
    /// One sentence for a person.
    package var description: String {
        switch self {
        case .locked(let text), .foreign(let text), .unreadable(let text), .corrupt(let text),
            .io(let text), .poisoned(let text), .refused(let text):
            text
        case .full(let text):
            "the storage device is full: \(text)"
        case .newerFormat(let found, let supported):
            "the store has format \(found), which is newer than \(supported), the newest that "
                + "this version reads"
        }
    }
}
