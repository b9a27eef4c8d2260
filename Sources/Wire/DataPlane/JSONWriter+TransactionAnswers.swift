import Items
internal import Operations

// The answers of transactions and statements, members in alphabetical order.

extension JSONWriter {
    mutating func answer(_ response: TransactWriteItemsResponse) {
        beginObject()
        consumedCapacities(response.consumedCapacity)
        itemCollectionMetrics(response.itemCollectionMetrics)
        endObject()
    }

    mutating func answer(_ response: ItemResponses) {
        reserve(response.responses)
        beginObject()
        consumedCapacities(response.consumedCapacity)
        name("Responses")
        list(response.responses) { writer, item in
            writer.beginObject()
            writer.member("Item", item: item)
            writer.endObject()
        }
        endObject()
    }

    mutating func answer(_ response: ExecuteStatementResponse) {
        reserve(response.items)
        beginObject()
        consumedCapacity(response.consumedCapacity)
        name("Items")
        items(response.items)
        member("LastEvaluatedKey", item: response.lastEvaluatedKey)
        member("NextToken", response.nextToken)
        endObject()
    }

    mutating func answer(_ response: BatchExecuteStatementResponse) {
        reserve(response.responses.lazy.map(\.item))
        beginObject()
        consumedCapacities(response.consumedCapacity)
        name("Responses")
        list(response.responses) { writer, response in
            writer.beginObject()
            if let error = response.error {
                writer.member("Error") { writer in
                    writer.member("Code", error.code)
                    writer.member("Item", item: error.item)
                    writer.member("Message", error.message)
                }
            }
            writer.member("Item", item: response.item)
            writer.member("TableName", response.tableName)
            writer.endObject()
        }
        endObject()
    }
}
