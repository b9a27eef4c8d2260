internal import Items
internal import Wire

/// What the cells of a CSV column are: `--types price:N,tags:SS`.
package enum ColumnType: String, Sendable, Hashable, CaseIterable {
    case string = "S"
    case number = "N"
    case binary = "B"
    case bool = "BOOL"
    case null = "NULL"
    case list = "L"
    case map = "M"
    case stringSet = "SS"
    case numberSet = "NS"
    case binarySet = "BS"

    /// The types of `price:N,tags:SS`.
    package static func parse(_ text: String) throws(TransferError) -> [String: ColumnType] {
        var types: [String: ColumnType] = [:]
        for part in text.split(separator: ",") {
            guard let colon = part.lastIndex(of: ":"), colon > part.startIndex,
                let type = ColumnType(rawValue: String(part[part.index(after: colon)...]))
            else {
                let names = allCases.map(\.rawValue).joined(separator: ", ")
                throw TransferError(
                    "--types: '\(part)' is no NAME:TYPE, where TYPE is one of \(names)")
            }
            types[String(part[..<colon])] = type
        }
        return types
    }

    init(_ type: ScalarAttributeType) {
        switch type {
        case .string: self = .string
        case .number: self = .number
        case .binary: self = .binary
        }
    }

    /// Encodes what a cell stands for.
    func encode(_ cell: [UInt8], into encoder: inout ItemEncoder) throws(TransferError) {
        guard let text = String(validating: cell, as: UTF8.self) else {
            throw TransferError("is no UTF-8")
        }
        switch self {
        case .string: encoder.string(text)
        case .number:
            do throws(NumberFault) {
                encoder.number(try DecimalNumber(text))
            } catch {
                throw TransferError("'\(text)': \(error.message)")
            }
        case .binary:
            guard let bytes = Base64.decoded(text) else {
                throw TransferError("'\(text)' is no base64")
            }
            encoder.binary(bytes)
        case .bool:
            switch text.lowercased() {
            case "true", "1", "yes": encoder.bool(true)
            case "false", "0", "no": encoder.bool(false)
            default: throw TransferError("'\(text)' is neither true nor false")
            }
        case .null: encoder.null()
        case .list, .map, .stringSet, .numberSet, .binarySet:
            encoder.value(try tree(text))
        }
    }

    /// What JSON stands for, which must be of this type.
    private func tree(_ text: String) throws(TransferError) -> ItemValue {
        guard let json = try? JSONValue(parsing: Array(text.utf8)) else {
            throw TransferError("'\(text)' is no JSON")
        }
        let isSet = self == .stringSet || self == .numberSet || self == .binarySet
        let told = isSet && json.elements != nil ? JSONValue.object([(rawValue, json)]) : json
        let value: ItemValue
        do throws(TextFault) {
            value = try PlainValues.value(told)
        } catch {
            throw TransferError("'\(text)': \(error.message)")
        }
        guard value.tag.descriptor == rawValue else {
            throw TransferError("'\(text)' is no \(rawValue)")
        }
        return value
    }
}
