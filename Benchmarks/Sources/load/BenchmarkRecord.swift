import Foundation

/// One line of a results file.
enum BenchmarkRecord: Codable {
    case load(LoadRecord)
    case startup(StartupRecord)

    /// Appends a record as a line of JSON.
    static func append(_ record: BenchmarkRecord, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let line = try encoder.encode(record) + Data("\n".utf8)
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw LoadError("\(path) cannot be written")
            }
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: line)
    }

    /// The records of a file, in order.
    static func read(_ path: String) throws -> [BenchmarkRecord] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 10).map {
            try decoder.decode(BenchmarkRecord.self, from: $0)
        }
    }
}

/// The figures of one run of the load driver.
struct LoadRecord: Codable {
    var label: String
    var connections: Int
    var requests: Int
    var errors: Int
    var seconds: Double
    /// CPU seconds of the server meanwhile; nil where its process was not told.
    var serverCPUSeconds: Double?
    /// Resident memory of the server at the end.
    var serverResidentBytes: Int?
    var p50Nanoseconds: UInt64
    var p99Nanoseconds: UInt64
    var maxNanoseconds: UInt64

    var requestsPerSecond: Double { Double(requests) / seconds }
    /// Server CPU per request in microseconds.
    var cpuMicroseconds: Double? {
        serverCPUSeconds.map { $0 * 1e6 / Double(max(requests, 1)) }
    }
}

/// How fast a server starts, and what it takes while nothing is asked.
struct StartupRecord: Codable {
    var label: String
    /// From the start of the process to its first answer, once per start.
    var milliseconds: [Double]
    var idleResidentBytes: Int
}
