internal import Operations
internal import Wire

/// What Lambda itself writes into a function's log: INIT_START, START, END and REPORT, as lines or,
/// where the function asks for it, as JSON records.
struct PlatformLog: Sendable {
    let log: InvocationLog
    let isJSON: Bool
    /// `$LATEST`, or a number.
    let version: String
    let functionName: String
    /// Megabytes.
    let memorySize: Int

    /// How a phase or an invocation ended.
    enum Status: Sendable {
        case success
        case error(type: String)
        case timeout

        var name: String {
            switch self {
            case .success: "success"
            case .error: "error"
            case .timeout: "timeout"
            }
        }

        var errorType: String? {
            if case .error(let type) = self { type } else { nil }
        }
    }

    /// What a REPORT tells.
    struct Report {
        var requestID: String
        var milliseconds: Double
        /// Of the start of the environment, where this was its first invocation.
        var initMilliseconds: Double?
        var memoryMegabytes: Int
        var status: Status
    }

    func initStart(runtimeVersion: String, runtimeVersionArn: String) {
        guard isJSON else {
            log.write(
                "INIT_START Runtime Version: \(runtimeVersion)\t"
                    + "Runtime Version ARN: \(runtimeVersionArn)")
            return
        }
        record(
            "platform.initStart",
            [
                ("initializationType", .string("on-demand")), ("phase", .string("init")),
                ("runtimeVersion", .string(runtimeVersion)),
                ("runtimeVersionArn", .string(runtimeVersionArn)),
                ("functionName", .string(functionName)), ("functionVersion", .string(version)),
            ])
    }

    /// The start of an environment failed; that of a good one is told with its first invocation.
    func initReport(milliseconds: Double, status: Status) {
        guard isJSON else {
            let type = status.errorType.map { "\tError Type: \($0)" } ?? ""
            log.write(
                "INIT_REPORT Init Duration: \(Self.decimal(milliseconds)) ms\tPhase: init\t"
                    + "Status: \(status.name)\(type)")
            return
        }
        record(
            "platform.initReport",
            [
                ("initializationType", .string("on-demand")), ("phase", .string("init")),
                ("metrics", .object([("durationMs", .number(Self.decimal(milliseconds)))])),
                ("status", .string(status.name)),
                ("errorType", status.errorType.map { .string($0) }),
            ])
    }

    func start(requestID: String) {
        guard isJSON else {
            log.write("START RequestId: \(requestID) Version: \(version)")
            return
        }
        record(
            "platform.start", [("requestId", .string(requestID)), ("version", .string(version))])
    }

    /// What is wrong with an invocation, before its END.
    func failure(_ message: String, requestID: String) {
        log.write("RequestId: \(requestID) Error: \(message)")
    }

    func timedOut(requestID: String, seconds: Int) {
        let time = TimeText.iso8601(log.now)
        log.write("\(time) \(requestID) Task timed out after \(seconds).00 seconds\n\n")
    }

    /// The end of an invocation and its report.
    func report(_ report: Report) {
        let billed = (report.milliseconds + (report.initMilliseconds ?? 0)).rounded(.up)
        let milliseconds = Self.decimal(report.milliseconds)
        guard isJSON else {
            var line =
                "REPORT RequestId: \(report.requestID)\tDuration: \(milliseconds) ms\t"
                + "Billed Duration: \(Int(billed)) ms\tMemory Size: \(memorySize) MB\t"
                + "Max Memory Used: \(report.memoryMegabytes) MB\t"
            if let initMilliseconds = report.initMilliseconds {
                line += "Init Duration: \(Self.decimal(initMilliseconds)) ms\t"
            }
            switch report.status {
            case .success: break
            case .timeout: line += "Status: timeout"
            case .error(let type): line += "Status: error\tError Type: \(type)"
            }
            log.write("END RequestId: \(report.requestID)", line)
            return
        }
        let metrics: [(String, JSONValue?)] = [
            ("durationMs", .number(milliseconds)),
            ("billedDurationMs", .number(String(Int(billed)))),
            ("memorySizeMB", .number(String(memorySize))),
            ("maxMemoryUsedMB", .number(String(report.memoryMegabytes))),
            (
                "initDurationMs",
                report.initMilliseconds.map { .number(Self.decimal($0)) }
            ),
        ]
        record(
            "platform.report",
            [
                ("requestId", .string(report.requestID)), ("metrics", .object(present: metrics)),
                ("status", .string(report.status.name)),
                ("errorType", report.status.errorType.map { .string($0) }),
            ])
    }

    private func record(_ type: String, _ members: [(String, JSONValue?)]) {
        let record = JSONValue.object([
            ("time", .string(TimeText.iso8601(log.now))), ("type", .string(type)),
            ("record", .object(present: members)),
        ])
        log.write(String(decoding: record.encoded, as: UTF8.self))
    }

    /// Two decimals.
    static func decimal(_ value: Double) -> String {
        let hundredths = Int((min(max(value, 0), 1e12) * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
