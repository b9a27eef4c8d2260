/// Where a function's code lies: beside the template, or where `sam build` put it.
struct CodeLocation {
    /// The template's directory.
    let directory: String

    func path(of given: String, logicalID: String) -> String {
        let built = "\(directory)/.aws-sam/build/\(logicalID)"
        if CodeDirectory.isDirectory(built) { return built }
        let plain = given.hasPrefix("file://") ? String(given.dropFirst(7)) : given
        return plain.hasPrefix("/") ? plain : "\(directory)/\(plain)"
    }
}
