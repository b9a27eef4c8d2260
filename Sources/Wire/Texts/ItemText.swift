package import Items
internal import Operations

/// Items as texts that stand alone: lines of files.
package enum ItemText {
    /// The item of `{"id": {"S": "1"}, …}`.
    package static func dynamodb(_ text: [UInt8]) throws(TextFault) -> ItemBytes {
        try read(text, unexpected: dynamodbExpectation) {
            (decoder) throws(JSONFault) in try decoder.item()
        }
    }

    private static let dynamodbExpectation =
        "no item of DynamoDB JSON, like {\"id\": {\"S\": \"1\"}}"

    /// The item of `{"id": "1", …}`: plain JSON, read as `PlainValues` tells.
    ///
    /// - Parameter types: of the attributes that must have one, by name: a number or a string
    ///   becomes what its attribute must be.
    package static func plain(
        _ text: [UInt8], types: [(name: [UInt8], type: ScalarAttributeType)]
    ) throws(TextFault) -> ItemBytes {
        try read(text, unexpected: "no plain JSON object that is an item") {
            (decoder) throws(JSONFault) in try decoder.plainItem(types: types)
        }
    }

    /// The members of `{"Item": {…}}` and its like, each of which is an item or null.
    ///
    /// - Returns: nil where the text is an object with other members than these.
    package static func wrapped(
        _ text: [UInt8], names: [String]
    ) throws(TextFault) -> [String: ItemBytes]? {
        var result: [String: ItemBytes]? = [:]
        _ = try read(text, unexpected: dynamodbExpectation) { (decoder) throws(JSONFault) in
            var isFirst = true
            try decoder.reader.beginObject()
            while let text = try decoder.reader.nextMember(&isFirst) {
                let name = String(decoding: text, as: UTF8.self)
                guard names.contains(name), try decoder.reader.kind() == .object else {
                    try decoder.reader.skipValue()
                    result = nil
                    continue
                }
                let (item, fault) = try decoder.item()
                if let fault { return (item, fault) }
                result?[name] = item
            }
            return (ItemBytes(), nil)
        }
        return result
    }

    private static func read(
        _ text: [UInt8], unexpected: String,
        _ body: (inout RequestDecoder) throws(JSONFault) -> (item: ItemBytes, fault: String?)
    ) throws(TextFault) -> ItemBytes {
        let result = text.withUnsafeBytes { bytes -> Result<ItemBytes, TextFault> in
            var decoder = RequestDecoder(bytes, isValidated: false)
            do throws(JSONFault) {
                let (item, fault) = try body(&decoder)
                if let fault { return .failure(TextFault(fault)) }
                try decoder.reader.finish()
                return .success(item)
            } catch {
                let column = bytes.count - decoder.reader.remainingCount + 1
                return .failure(TextFault(error, column: column, unexpected: unexpected))
            }
        }
        return try result.get()
    }
}
