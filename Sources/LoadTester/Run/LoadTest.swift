internal import Synchronization

/// One load test from the first table to the last: makes tables, fills them, runs, drops them.
package struct LoadTest: Sendable {
    package var file: DesignFile
    package var target: LoadTarget
    /// Threads of the driver.
    package var laneCount = 1
    /// Whether tables that are there already are used as they are; they aren't dropped.
    package var reusesTables = false
    /// Whether the tables are left there.
    package var keepsTables = false

    package init(file: DesignFile, target: LoadTarget) {
        self.file = file
        self.target = target
    }

    /// How far a test is.
    package enum Progress: Sendable {
        case making
        /// So many more items are in.
        case filled(Int)
        case running
        case dropping
    }

    /// - Parameters:
    ///   - stop: ends the run early; what was measured until then is told.
    ///   - recorder: makes the recorder of a thread, by its number.
    ///   - progress: called from any thread.
    package func run(
        stop: LoadStop, recorder: (Int) -> any RunRecorder,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws(LoadFault) -> RunFacts {
        let preparation = TablePreparation(
            design: file.design, workload: file.workload, target: target)
        progress(.making)
        let made = try await preparation.createTables(reuses: reusesTables)
        let facts: RunFacts
        do throws(LoadFault) {
            facts = try await measured(preparation, stop, recorder, progress)
        } catch {
            if !keepsTables { try? await preparation.drop(made) }
            throw error
        }
        if !keepsTables {
            progress(.dropping)
            try await preparation.drop(made)
        }
        return facts
    }

    private func measured(
        _ preparation: TablePreparation, _ stop: LoadStop, _ recorder: (Int) -> any RunRecorder,
        _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws(LoadFault) -> RunFacts {
        let loaded = try await preparation.fill(isStopped: { stop.isStopped }) {
            progress(.filled($0))
        }
        let run = LoadRun(
            design: file.design, workload: file.workload, target: target, laneCount: laneCount,
            recorder: recorder)
        progress(.running)
        stop.watch(run)
        defer { stop.watch(nil) }
        var facts = try await run.run()
        facts.loaded = loaded
        return facts
    }
}

/// Ends load tests early, from any thread.
package final class LoadStop: Sendable {
    private struct State {
        var isStopped = false
        var run: LoadRun?
    }

    private let state = Mutex(State())

    package init() {}

    package var isStopped: Bool { state.withLock { $0.isStopped } }

    package func stop() {
        let run = state.withLock { state in
            state.isStopped = true
            return state.run
        }
        run?.stop()
    }

    func watch(_ run: LoadRun?) {
        let isStopped = state.withLock { state in
            state.run = run
            return state.isStopped
        }
        if isStopped { run?.stop() }
    }
}
