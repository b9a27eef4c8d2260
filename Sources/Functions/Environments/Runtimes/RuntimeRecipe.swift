/// How a function's process is started: the program, and what the runtime adds to its variables.
struct RuntimeRecipe: Sendable {
    var executable: String
    var arguments: [String] = []
    var variables: [String: String] = [:]
    /// LAMBDA_RUNTIME_DIR.
    var runtimeDirectory: String
    /// What INIT_START tells: `python:3.12.4`.
    var version: String
    var versionArn: String
    /// A line for the log where what runs isn't what was asked for.
    var note: String?

    /// With the program that AWS_LAMBDA_EXEC_WRAPPER names, which is given the real one.
    func wrapped(for function: ResolvedFunction) -> RuntimeRecipe {
        guard
            var wrapper = function.configuration.environment["AWS_LAMBDA_EXEC_WRAPPER"],
            !wrapper.isEmpty
        else { return self }
        // Wrappers are named by where Lambda has them.
        if wrapper.hasPrefix("/opt/"), let layers = function.layerDirectory {
            wrapper = layers + wrapper.dropFirst(4)
        } else if wrapper.hasPrefix("/var/task/") {
            wrapper = function.codeDirectory + wrapper.dropFirst(9)
        }
        var recipe = self
        recipe.arguments.insert(executable, at: 0)
        recipe.executable = wrapper
        return recipe
    }
}
