import Wire

@testable import Permissions

/// JSON as it stands in a test.
func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

/// A policy of version 2012-10-17 with the statements in a text.
func policy(
    _ statements: String, kind: PolicyKind = .identity
) throws -> PolicyDocument {
    try PolicyDocument(
        json(#"{"Version":"2012-10-17","Statement":[\#(statements)]}"#), kind: kind)
}

let anyone = Principal(
    roleARN: "arn:aws:iam::000000000000:role/orders", sessionName: "worker",
    accountID: "000000000000")

/// What one policy of a role says about a request.
func decide(
    _ document: PolicyDocument, _ action: String, _ resource: String,
    _ values: [String: [String]] = [:], by principal: Principal = anyone
) -> AccessDecision {
    let lowered = Dictionary(uniqueKeysWithValues: values.map { ($0.key.lowercased(), $0.value) })
    let request = AccessRequest(action: action, resource: resource) {
        lowered[$0] ?? principal.value($0).map { [$0] }
    }
    return PolicyEvaluation.decide(request, by: principal, identity: [document])
}

let orders = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"
