package import Items
package import Operations

/// What a Query or Scan answered, read in one pass: its items stay bytes.
package struct PageAnswer: Sendable {
    package var items: [ItemBytes] = []
    package var scannedCount = 0
    /// Where the next page begins; nil at the end.
    package var lastEvaluatedKey: ItemBytes?
    /// The units of ConsumedCapacity; 0 where the request didn't ask for it.
    package var consumedUnits = 0.0

    /// - Throws: an error of the client's side for a body that is no such answer.
    package init(parsing body: [UInt8]) throws(ServiceError) {
        let page = body.withUnsafeBytes { bytes -> PageAnswer? in
            do throws(JSONFault) {
                var decoder = RequestDecoder(bytes, isValidated: false)
                return try PageAnswer(reading: &decoder)
            } catch {
                return nil
            }
        }
        guard let page else {
            throw ServiceError(
                "ResponseParserError", "The answer is no page of items", namespace: .rest)
        }
        self = page
    }

    private init(reading decoder: inout RequestDecoder) throws(JSONFault) {
        var isFirst = true
        try decoder.reader.beginObject()
        while let name = try decoder.reader.nextMember(&isFirst) {
            if name.elementsEqual("Items".utf8) {
                var isFirstItem = true
                try decoder.reader.beginArray()
                while try decoder.reader.nextElement(&isFirstItem) {
                    let (item, fault) = try decoder.item()
                    guard fault == nil else { throw .unexpected }
                    items.append(item)
                }
            } else if name.elementsEqual("LastEvaluatedKey".utf8) {
                if try decoder.reader.isNull() { continue }
                let (key, fault) = try decoder.item(capacity: 64)
                guard fault == nil else { throw .unexpected }
                lastEvaluatedKey = key.isEmpty ? nil : key
            } else if name.elementsEqual("ScannedCount".utf8) {
                let text = String(decoding: try decoder.reader.number(), as: UTF8.self)
                scannedCount = Int(text) ?? 0
            } else if name.elementsEqual("ConsumedCapacity".utf8) {
                let capacity = try JSONValue(reading: &decoder.reader)
                consumedUnits = capacity["CapacityUnits"]?.double ?? 0
            } else {
                try decoder.reader.skipValue()
            }
        }
        try decoder.reader.finish()
    }
}

extension JSONValue {
    /// A number as a double.
    package var double: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }
}
