internal import Items
internal import Operations
internal import Wire

/// Turns an answer and what its request was into what the recorders are told.
struct AnswerReading: Sendable {
    private struct Resource: Sendable {
        var table: [UInt8]
        var index: [UInt8]?
    }

    /// In the order of `Design.resources`.
    private let resources: [Resource]
    private let isRead: [Bool]

    init(design: Design, workload: Workload) {
        resources = design.resources.map {
            Resource(table: Array($0.table.name.utf8), index: $0.index.map { Array($0.name.utf8) })
        }
        isRead = workload.requests.map(\.isRead)
    }

    /// Fills in outcome, units, sizes and counts.
    func read(
        status: Int, body: UnsafeRawBufferPointer, of request: PreparedRequest,
        into completed: inout CompletedRequest
    ) {
        guard status == 200 else {
            completed.outcome = Self.failure(status: status, body: body)
            noteFailedCondition(request, &completed)
            return
        }
        var scanner = AnswerScanner(body)
        let answer = scanner.answer()
        completed.returnedCount = answer.count
        completed.evaluatedCount = answer.scannedCount
        if completed.itemByteCount == 0 { completed.itemByteCount = answer.itemByteCount }
        if answer.hasUnprocessed {
            completed.outcome = .failure(
                code: leftovers(request, bodyCount: body.count), reasons: [])
        }
        for consumed in answer.consumed {
            guard let resource = resource(consumed) else { continue }
            var units = Units()
            if consumed.readUnits != nil || consumed.writeUnits != nil {
                units.read = Self.units(consumed.readUnits ?? 0)
                units.write = Self.units(consumed.writeUnits ?? 0)
            } else if isRead[request.pattern] {
                units.read = Self.units(consumed.units)
            } else {
                units.write = Self.units(consumed.units)
            }
            append(units, resource, request, &completed)
        }
    }

    /// What it is called that a batch was not done whole.
    private func leftovers(_ request: PreparedRequest, bodyCount: Int) -> String {
        guard isRead[request.pattern] else { return "UnprocessedItems" }
        // A read of more than a page may have comes in parts, without a throttle.
        let page = Limits.batchGetResponseBytesMax - Limits.itemBytesMax
        return bodyCount >= page ? "IncompletePage" : "UnprocessedKeys"
    }

    /// A failed condition is charged like the write, though the answer doesn't say so.
    private func noteFailedCondition(
        _ request: PreparedRequest, _ completed: inout CompletedRequest
    ) {
        guard completed.outcome.isFailedCondition, let fall = request.falls.first else { return }
        let units = max(1, (request.itemByteCount + 1_023) / 1_024)
        completed.consumed.append(
            MeasuredUnits(
                resource: fall.resource, place: fall.place,
                units: Units(write: RequestUnits(units))))
    }

    /// Spreads units over the places of a request in a resource; the last gets what is left.
    private func append(
        _ units: Units, _ resource: Int, _ request: PreparedRequest,
        _ completed: inout CompletedRequest
    ) {
        if units.isZero { return }
        var left = request.falls.reduce(0) { $0 + ($1.resource == resource ? 1 : 0) }
        guard left > 0 else {
            completed.consumed.append(
                MeasuredUnits(resource: resource, place: nil, units: units))
            return
        }
        var rest = units
        for fall in request.falls where fall.resource == resource {
            let share = Units(
                read: RequestUnits(halves: rest.read.halves / left),
                write: RequestUnits(halves: rest.write.halves / left))
            rest.read -= share.read
            rest.write -= share.write
            left -= 1
            completed.consumed.append(
                MeasuredUnits(resource: resource, place: fall.place, units: share))
        }
    }

    private func resource(_ consumed: AnswerScanner.Consumed) -> Int? {
        resources.firstIndex { resource in
            guard Self.isName(resource.table, consumed.table) else { return false }
            switch (resource.index, consumed.index) {
            case (nil, nil): return true
            case (let index?, let told?): return Self.isName(index, told)
            default: return false
            }
        }
    }

    /// Whether a text is a name, or an ARN that ends with it.
    private static func isName(_ name: [UInt8], _ text: UnsafeRawBufferPointer) -> Bool {
        if text.count == name.count { return text.elementsEqual(name) }
        return text.count > name.count && text.suffix(name.count).elementsEqual(name)
            && text[text.count - name.count - 1] == UInt8(ascii: "/")
    }

    private static func units(_ value: Double) -> RequestUnits {
        RequestUnits(halves: NumberDistribution.integer((value * 2).rounded()))
    }

    // MARK: Failures

    /// The code of an error, and the reasons of a throttle or a cancelled transaction.
    static func failure(
        status: Int, body: UnsafeRawBufferPointer
    ) -> CompletedRequest.Outcome {
        guard let json = try? JSONValue(parsing: Array(body)) else {
            return .failure(code: "HTTP\(status)", reasons: [])
        }
        let type = json["__type"]?.string ?? json["code"]?.string ?? "HTTP\(status)"
        let code = type.split(separator: "#").last.map(String.init) ?? type
        let told = json["ThrottlingReasons"] ?? json["throttlingReasons"]
        var reasons = (told?.elements ?? []).compactMap {
            ($0["reason"] ?? $0["Reason"])?.string
        }
        for cancelled in json["CancellationReasons"]?.elements ?? [] {
            if let code = cancelled["Code"]?.string, code != "None" { reasons.append(code) }
        }
        return .failure(code: code, reasons: reasons)
    }
}
