import ArgumentParser
import Metering

/// At which prices a command tells dollars, and stops at them.
struct PriceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "JSON file of prices. (default: those of us-east-1 that basalt knows)",
            valueName: "file"))
    var prices: String?

    /// - Throws: `ConfigurationError`, which names the file and what is wrong in it.
    func list() throws(ConfigurationError) -> PriceList {
        guard let prices else { return .current }
        return try PriceFile.read(prices).list
    }
}
