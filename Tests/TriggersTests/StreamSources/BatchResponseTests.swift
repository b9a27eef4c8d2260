import Testing

@testable import Triggers

/// What functions may answer about their batches.
@Suite struct BatchResponseTests {
    private enum Verdict: Equatable {
        case success(String?)
        case failure(Int, String?)
        case refused
    }

    private func verdict(
        _ answer: String, reports: Bool = true, hasWindow: Bool = false
    ) -> Verdict {
        let outcome = BatchResponse.outcome(
            Array(answer.utf8), sequenceNumbers: ["10", "11", "12"], reportsFailures: reports,
            hasWindow: hasWindow, FailedInvocation(requestID: "", executedVersion: "1"))
        func text(_ state: [UInt8]?) -> String? {
            state.map { String(decoding: $0, as: UTF8.self) }
        }
        switch outcome {
        case .success(let state): return .success(text(state))
        case .failure(let first, let state, _): return .failure(first, text(state))
        case .refused: return .refused
        }
    }

    @Test(arguments: [
        "", "null", "{}", #"{"batchItemFailures":[]}"#, #"{"batchItemFailures":null}"#,
        #"{"other":1}"#,
    ])
    func completeSuccess(answer: String) { #expect(verdict(answer) == .success(nil)) }

    @Test(arguments: [
        #"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
        #"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
        #"{"batchItemFailures":[{"itemIdentifier":"99"}]}"#,
        #"{"batchItemFailures":[{"itemIdentifier":11}]}"#,
        #"{"batchItemFailures":[{"bad":"11"}]}"#,
        #"{"batchItemFailures":[{"itemIdentifier":"11"},{"bad":"12"}]}"#,
        #"{"batchItemFailures":[null]}"#, #"{"batchItemFailures":["11"]}"#,
        #"{"batchItemFailures":{}}"#, #"{"batchItemFailures":"11"}"#, #""done""#, "[]", "1",
        "{", "not JSON",
    ])
    func completeFailure(answer: String) { #expect(verdict(answer) == .failure(0, nil)) }

    @Test func theLowestFailureCounts() {
        #expect(
            verdict(
                #"{"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"11"}]}"#)
                == .failure(1, nil))
        #expect(
            verdict(#"{"batchItemFailures":[{"itemIdentifier":"10"}]}"#) == .failure(0, nil))
    }

    @Test func answersAreNotReadUnlessAskedFor() {
        #expect(
            verdict(#"{"batchItemFailures":[{"itemIdentifier":"10"}]}"#, reports: false)
                == .success(nil))
        #expect(verdict("not JSON", reports: false) == .success(nil))
    }

    @Test func windowsHaveStates() {
        #expect(
            verdict(#"{"state":{"a":1.50}}"#, reports: false, hasWindow: true)
                == .success(#"{"a":1.50}"#))
        #expect(
            verdict(
                #"{"state":{"a":1},"batchItemFailures":[{"itemIdentifier":"11"}]}"#,
                hasWindow: true) == .failure(1, #"{"a":1}"#))
        #expect(verdict(#"{"state":null}"#, hasWindow: true) == .success(nil))
        #expect(verdict(#"{"state":[1]}"#, hasWindow: true) == .failure(0, nil))
        #expect(verdict(#"{"state":{"a":1}}"#, hasWindow: false) == .success(nil))
    }
}
