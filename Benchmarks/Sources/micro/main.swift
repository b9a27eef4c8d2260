// Micro-benchmarks of the codec, the expressions and the engine: CPU time and heap allocations per
// operation. Exits 1 where a benchmark allocates more than its budget.

import Foundation

let usage = """
    usage: micro --budgets FILE [--update] [--filter TEXT] [--directory DIRECTORY] [--out FILE]

    --update     write what is measured as the new budgets
    --filter     only benchmarks whose name has this text in it
    --directory  where the durable store is made, on the device to measure; default: the current one
    --out        append the table to a file
    """

func run(_ arguments: [String]) throws -> Int32 {
    var values: [String: String] = [:]
    var isUpdate = false
    var rest = arguments[...]
    while let argument = rest.popFirst() {
        switch argument {
        case "--update": isUpdate = true
        case "--budgets", "--filter", "--directory", "--out": values[argument] = rest.popFirst()
        default: throw BenchmarkError(usage)
        }
    }
    guard let path = values["--budgets"] else { throw BenchmarkError(usage) }
    var budgets = try Budgets(path: path)
    let parent = values["--directory"] ?? FileManager.default.currentDirectoryPath
    let directory = "\(parent)/micro-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: directory) }

    var measurement = Measurement(filter: values["--filter"])
    try CodecBenchmarks().run(&measurement)
    CapacityBenchmarks().run(&measurement)
    try EngineBenchmarks(directory: directory).run(&measurement)

    if isUpdate { try budgets.update(measurement.all) }
    let text = table(measurement.all, budgets)
    print(text)
    if let out = values["--out"] {
        let before = (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
        try Data((before + text + "\n").utf8).write(to: URL(fileURLWithPath: out))
    }
    let breaches = budgets.breaches(measurement.all)
    for breach in breaches { tell("over budget: \(breach)") }
    return breaches.isEmpty ? 0 : 1
}

func table(_ all: [Figures], _ budgets: Budgets) -> String {
    var lines = [
        "| operation in process | CPU ns | allocations | budget |", "|---|--:|--:|--:|",
    ]
    for figures in all {
        let budget = budgets.budget(figures.name).map { String(format: "%g", $0) } ?? "none"
        lines.append(
            "| \(figures.name) | \(String(format: "%.0f", figures.nanoseconds)) "
                + "| \(String(format: "%.4g", figures.allocations)) | \(budget) |")
    }
    return lines.joined(separator: "\n") + "\n"
}

func tell(_ text: String) {
    FileHandle.standardError.write(Data("micro: \(text)\n".utf8))
}

do {
    exit(try run(Array(CommandLine.arguments.dropFirst())))
} catch {
    tell("\(error)")
    exit(1)
}
