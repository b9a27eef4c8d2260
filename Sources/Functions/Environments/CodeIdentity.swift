/// A version of a function in a region: what environments are kept apart by.
struct FunctionVersion: Hashable, Sendable {
    var functionArn: String
    var version: String
}

/// The code and the configuration that an environment was made with.
///
/// One that differs from what an invocation asks for is not used again.
struct CodeIdentity: Hashable, Sendable {
    var function: FunctionVersion
    var revisionID: String
    /// Where the code is: another publication of the same revision has its own.
    var codeDirectory: String
    /// What the files of a directory under development look like; 0 for unpacked zips.
    var files: UInt64 = 0
}
