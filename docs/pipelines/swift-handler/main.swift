// A Lambda function in Swift, as a `bootstrap` that speaks the Runtime API itself: what
// swift-aws-lambda-runtime does for larger ones. Built by build.sh into one executable file.
import Foundation
import FoundationNetworking

/// What the function is asked: a reading of a sensor.
struct Reading: Decodable {
    var sensor: String
    var celsius: [Double]
}

struct Summary: Encodable {
    var sensor: String
    var count: Int
    var mean: Double
    var fahrenheitMax: Double
}

enum ReadingError: Error {
    case empty
}

func handle(_ reading: Reading) throws -> Summary {
    guard let highest = reading.celsius.max() else { throw ReadingError.empty }
    return Summary(
        sensor: reading.sensor, count: reading.celsius.count,
        mean: reading.celsius.reduce(0, +) / Double(reading.celsius.count),
        fahrenheitMax: highest * 9 / 5 + 32)
}

/// The Runtime API of this environment.
struct RuntimeAPI {
    let base: URL

    /// One request; the next invocation may take as long as it likes to come.
    func send(_ path: String, post body: Data? = nil) async throws -> (Data, HTTPURLResponse) {
        var request = URLRequest(url: base.appendingPathComponent(path), timeoutInterval: 86_400)
        if let body {
            request.httpMethod = "POST"
            request.httpBody = body
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse else {
            throw URLError(.badServerResponse)
        }
        return (data, response)
    }
}

guard let address = ProcessInfo.processInfo.environment["AWS_LAMBDA_RUNTIME_API"],
    let base = URL(string: "http://\(address)/2018-06-01/runtime/")
else {
    FileHandle.standardError.write(Data("AWS_LAMBDA_RUNTIME_API is not set\n".utf8))
    exit(1)
}
// Lines reach the log when they are printed, not when the buffer is full.
setlinebuf(stdout)
let api = RuntimeAPI(base: base)
while true {
    let (event, head) = try await api.send("invocation/next")
    guard let id = head.value(forHTTPHeaderField: "Lambda-Runtime-Aws-Request-Id") else { continue }
    do {
        let summary = try handle(JSONDecoder().decode(Reading.self, from: event))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print("summarised \(summary.count) readings of \(summary.sensor)")
        _ = try await api.send("invocation/\(id)/response", post: encoder.encode(summary))
    } catch {
        let report = ["errorMessage": "\(error)", "errorType": "\(type(of: error))"]
        _ = try await api.send("invocation/\(id)/error", post: JSONEncoder().encode(report))
    }
}
