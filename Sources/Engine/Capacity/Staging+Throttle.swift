internal import Items
internal import Operations

// Admission on the commit path: a write is looked at before anything of it is staged.
extension Staging {
    /// Looks whether the table can take a write, before its item is read.
    ///
    /// - Throws: the throttling error, where throttling is enforced.
    func admitWrite(_ storedKey: [UInt8], of table: Table) throws(ServiceError) {
        guard let throttle else { return }
        if let work = try throttle.admit(.write, at: storedKey, of: table) {
            throttled.append(work)
        }
    }

    /// Looks whether the global indexes can take what a write does to them, up to the first that
    /// can't.
    ///
    /// To be asked where the table could take it: while throttling is only observed, what the table
    /// would have refused would never have come to an index.
    ///
    /// - Throws: the throttling error, where throttling is enforced.
    func admitEntries(
        _ storedKey: [UInt8], of table: Table, old: ItemBytes?, new: ItemBytes?
    ) throws(ServiceError) {
        guard let throttle else { return }
        for index in table.globalIndexes where index.maintains(storedKey: storedKey) {
            guard let change = EntryChange(of: index, in: table, old: old, new: new) else {
                continue
            }
            for key in change.places {
                guard let work = try throttle.admit(.write, at: key, of: table, index: index)
                else { continue }
                return throttled.append(work)
            }
        }
    }

    /// Whether the present write met a limit and goes on, since throttling is only observed.
    var isThrottled: Bool { !throttled.isEmpty }

    /// Stages one write and charges what it consumed, be it that a condition failed.
    func metering(
        _ stage: (Staging) throws(ServiceError) -> OperationOutcome
    ) throws(ServiceError) -> OperationOutcome {
        throttled = []
        do throws(ServiceError) {
            var outcome = try stage(self)
            settle(&outcome.consumption)
            return outcome
        } catch {
            var error = error
            if var consumption = error.consumption ?? (throttled.isEmpty ? nil : Consumption()) {
                settle(&consumption)
                error.consumption = consumption
            }
            throw error
        }
    }

    /// Charges one write of a batch, unless it was over a limit.
    ///
    /// - Returns: the limits that it met.
    func settle(_ used: TableConsumption) -> [ThrottledWork] {
        guard let throttle else { return [] }
        if throttled.isEmpty { throttle.charge(used) }
        defer { throttled = [] }
        return throttled
    }

    /// Charges what a write consumed, unless it was over a limit.
    func settle(_ consumption: inout Consumption) {
        throttle?.settle(&consumption, throttles: throttled)
        throttled = []
    }
}
