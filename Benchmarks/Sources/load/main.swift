// A closed-loop load driver for any DynamoDB endpoint over plain HTTP. Without arguments it tells
// its commands.

import Foundation

let usage = """
    usage: load COMMAND [options]

    prepare  wait for a server, create the table, put the items
             --url URL [--keys N] [--connections N] [--wait SECONDS] [--seed N]
    run      send requests, each connection waiting for its answer
             --url URL [--mix get=80,put=20] [--connections N] [--keys N] [--seed N]
             [--seconds S | --requests N] [--warmup S] [--pid SERVER] [--label TEXT]
             [--results FILE]
    startup  start a server until it answers, again and again
             --url URL [--starts N] [--label TEXT] [--results FILE] -- COMMAND…
    report   medians of a results file as Markdown
             [--at-most LABEL/LABEL/AIM] [--at-least LABEL/LABEL/AIM] [--out FILE] FILE
    """

func runCommand(_ arguments: [String]) throws {
    let rest = arguments.dropFirst()
    switch arguments.first {
    case "prepare":
        try PrepareCommand(CommandOptions(rest, known: PrepareCommand.options)).run()
    case "run": try RunCommand(CommandOptions(rest, known: RunCommand.options)).run()
    case "startup":
        try StartupCommand(CommandOptions(rest, known: StartupCommand.options)).run()
    case "report": try ReportCommand(CommandOptions(rest, known: ReportCommand.options)).run()
    default: throw LoadError(usage)
    }
}

do {
    try runCommand(Array(CommandLine.arguments.dropFirst()))
} catch {
    FileHandle.standardError.write(Data("load: \(error)\n".utf8))
    exit(1)
}
