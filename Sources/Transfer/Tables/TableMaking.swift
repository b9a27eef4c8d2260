package import Client
internal import Operations
package import Wire

/// Makes and deletes tables, and waits until that is done.
package enum TableMaking {
    private static let secondsMax = 600.0

    /// Makes a table, and waits until it can be used.
    package static func create(_ parameters: JSONValue, _ client: ServiceClient) async throws {
        _ = try await client.call(.dynamodb, "CreateTable", parameters)
        try await waitUntilActive(parameters["TableName"]?.string ?? "", client)
    }

    /// Waits until a table, and each of its indexes, is ACTIVE.
    package static func waitUntilActive(_ table: String, _ client: ServiceClient) async throws {
        try await wait {
            let told = try await TransferTable.describe(table, client).description
            let indexes = told["GlobalSecondaryIndexes"]?.elements ?? []
            return told["TableStatus"]?.string == "ACTIVE"
                && indexes.allSatisfy { ($0["IndexStatus"]?.string ?? "ACTIVE") == "ACTIVE" }
        }
    }

    /// Deletes a table, and waits until it is gone.
    package static func delete(_ table: String, _ client: ServiceClient) async throws {
        _ = try await client.call(
            .dynamodb, "DeleteTable", .object([("TableName", .string(table))]))
        try await wait {
            do throws(ServiceError) {
                _ = try await client.call(
                    .dynamodb, "DescribeTable", .object([("TableName", .string(table))]))
                return false
            } catch {
                guard error.code == "ResourceNotFoundException" else { throw error }
                return true
            }
        }
    }

    private static func wait(_ isDone: () async throws -> Bool) async throws {
        let start = Seconds.monotonic()
        var delay = 0.02
        while try await !isDone() {
            guard Seconds.monotonic() - start < secondsMax else {
                throw TransferError("the table is not ready after ten minutes; look at it later")
            }
            try await Task.sleep(for: .seconds(delay))
            delay = min(2, delay * 1.5)
        }
    }
}
