internal import Foundation
internal import Operations

/// What is wrong with a file of prices; the text names the field.
package struct PriceFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension PriceList {
    /// Reads a price list from the JSON of a file, which has every field of it and no other.
    ///
    /// - Throws: `PriceFault`, which names the field that is missing, unknown or no price.
    package init(json bytes: [UInt8]) throws(PriceFault) {
        let data = Data(bytes)
        let whole = Self.object(data)["indexEntryOverheadBytes"] as? Double
        guard whole.map({ (0...1e12).contains($0) && $0 == $0.rounded() }) != false else {
            throw PriceFault("indexEntryOverheadBytes must be a whole number from 0")
        }
        let list: PriceList
        do {
            list = try JSONDecoder().decode(PriceList.self, from: data)
        } catch let error as DecodingError {
            throw PriceFault(Self.text(of: error))
        } catch {
            throw PriceFault("is not JSON")
        }
        try list.check()
        try Self.checkNames(of: data, known: list.encodedObject)
        self = list
    }

    /// The file that tells this list.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return (try? encoder.encode(self)).map { Array($0) } ?? []
    }

    private var encodedObject: [String: Any] { Self.object(Data(json)) }

    private static func object(_ data: Data) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
    }

    private static func text(of error: DecodingError) -> String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context):
            let expected = type == String.self ? "a text" : "a number"
            let place = path(context.codingPath)
            return place.isEmpty
                ? "must be a JSON object" : "\(place) must be \(objects(place) ?? expected)"
        case .valueNotFound(_, let context):
            let place = path(context.codingPath)
            return place.isEmpty ? "must be a JSON object" : "\(place) must not be null"
        default:
            let place = path(error.path)
            return place.isEmpty ? "is not JSON" : "\(place) must be a number"
        }
    }

    private static func objects(_ place: String) -> String? {
        ["standard", "standardInfrequentAccess"].contains(place) ? "an object" : nil
    }

    /// Prices are from 0 and finite; a date is one.
    private func check() throws(PriceFault) {
        func price(_ name: String, _ value: Double) throws(PriceFault) {
            guard value.isFinite, value >= 0, value <= 1_000_000_000_000 else {
                throw PriceFault("\(name) must be a number from 0")
            }
        }
        for (name, prices) in [
            ("standard", standard), ("standardInfrequentAccess", standardInfrequentAccess),
        ] {
            try price("\(name).perMillionWriteRequestUnits", prices.perMillionWriteRequestUnits)
            try price("\(name).perMillionReadRequestUnits", prices.perMillionReadRequestUnits)
            try price("\(name).perWriteCapacityUnitHour", prices.perWriteCapacityUnitHour)
            try price("\(name).perReadCapacityUnitHour", prices.perReadCapacityUnitHour)
            try price("\(name).perStorageGBMonth", prices.perStorageGBMonth)
            try price("\(name).freeStorageGB", prices.freeStorageGB)
        }
        try price("perContinuousBackupGBMonth", perContinuousBackupGBMonth)
        try price("perBackupGBMonth", perBackupGBMonth)
        try price("perRestoredGB", perRestoredGB)
        try price("perExportedGB", perExportedGB)
        try price("perImportedGB", perImportedGB)
        try price("perHundredThousandStreamReads", perHundredThousandStreamReads)
        try price("freeStreamReads", freeStreamReads)
        try price("indexEntryOverheadBytes", Double(indexEntryOverheadBytes))
        guard !region.isEmpty else { throw PriceFault("region must name a region") }
        let digits = date.split(separator: "-", omittingEmptySubsequences: false)
        guard digits.map(\.utf8.count) == [4, 2, 2], digits.allSatisfy({ UInt($0) != nil }),
            TimeText.timestamp(iso8601: date) != nil
        else {
            throw PriceFault("date must be like 2026-09-01")
        }
    }

    /// A misspelt name would otherwise go unseen beside the right one.
    private static func checkNames(
        of data: Data, known: [String: Any]
    ) throws(PriceFault) {
        let given = object(data)
        for name in given.keys.sorted() {
            guard let expected = known[name] else { throw PriceFault("\(name) is not a price") }
            guard let inner = given[name] as? [String: Any],
                let names = expected as? [String: Any]
            else { continue }
            for part in inner.keys.sorted() where names[part] == nil {
                throw PriceFault("\(name).\(part) is not a price")
            }
        }
    }
}

extension DecodingError {
    fileprivate var path: [any CodingKey] {
        if case .dataCorrupted(let context) = self { context.codingPath } else { [] }
    }
}
