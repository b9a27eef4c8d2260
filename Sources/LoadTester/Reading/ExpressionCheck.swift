internal import Expressions
internal import Items
internal import Operations

/// Parses the expressions of one request, with the service's messages.
struct ExpressionCheck {
    private var scope: ExpressionScope

    /// - Parameter valueFault: the first fault of a value: an empty set, a number too large.
    init(_ attributes: ExpressionAttributes, _ valueFault: ServiceError?) throws(Refusal) {
        if let valueFault { throw Refusal(member: "values", message: valueFault.message) }
        scope = ExpressionScope(names: attributes.names, values: attributes.values)
        do throws(ExpressionError) {
            try scope.checkMaps(
                expressionIsPresent: true, valueExpressions: [("KeyConditionExpression", true)])
        } catch {
            throw Self.ofMaps(error)
        }
    }

    /// Checks that each name and value was used.
    func finish() throws(Refusal) {
        do throws(ExpressionError) {
            try scope.checkAllUsed()
        } catch {
            throw Self.ofMaps(error)
        }
    }

    private static func ofMaps(_ error: ExpressionError) -> Refusal {
        Refusal(
            member: error.message.contains("ExpressionAttributeNames") ? "names" : "values",
            message: error.message)
    }

    mutating func condition(_ text: String?) throws(Refusal) {
        guard let text else { return }
        do throws(ExpressionError) {
            _ = try Condition.parse(text, as: .condition, scope: &scope)
        } catch {
            throw Refusal(member: "condition", message: error.message)
        }
    }

    mutating func filter(_ text: String?) throws(Refusal) -> Condition? {
        guard let text else { return nil }
        do throws(ExpressionError) {
            return try Condition.parse(text, as: .filter, scope: &scope)
        } catch {
            throw Refusal(member: "filter", message: error.message)
        }
    }

    mutating func keyCondition(_ text: String?) throws(Refusal) -> KeyCondition? {
        guard let text else { return nil }
        do throws(ExpressionError) {
            return try KeyCondition.parse(text, scope: &scope)
        } catch {
            throw Refusal(member: "keyCondition", message: error.message)
        }
    }

    mutating func update(_ text: String?) throws(Refusal) -> Update? {
        guard let text else { return nil }
        do throws(ExpressionError) {
            return try Update.parse(text, scope: &scope)
        } catch {
            throw Refusal(member: "update", message: error.message)
        }
    }

    /// - Returns: the attributes that the projection's paths begin with.
    mutating func projection(_ text: String?) throws(Refusal) -> Set<String>? {
        guard let text else { return nil }
        do throws(ExpressionError) {
            return try ProjectionPaths.parse(text, scope: &scope).topLevelAttributes
        } catch {
            throw Refusal(member: "projection", message: error.message)
        }
    }
}

/// Checks keys, items and updates against the keys of a table and its indexes.
struct KeyCheck {
    let table: DesignTable
    /// Of the design file: where its faults are told.
    let member: String

    private func refusal(_ message: String) -> Refusal {
        Refusal(
            member: member, message: "One or more parameter values were invalid: " + message)
    }

    func check(item: ItemBytes) throws(Refusal) {
        try check(key: item)
        for index in table.indexes {
            for key in index.hashKeys + index.rangeKeys {
                guard let value = item.value(named: key.name) else { continue }
                guard value.tag == key.type.tag else { throw mismatch(value.tag, key, index) }
                if value.scalar.isEmpty, key.type != .number { throw empty(key) }
            }
        }
        if item.size > Limits.itemBytesMax {
            throw Refusal(
                member: member,
                message: "comes to \(item.size) bytes, and an item has "
                    + "\(Limits.itemBytesMax) at most")
        }
    }

    /// Checks the key attributes of a key or an item.
    func check(key attributes: ItemBytes) throws(Refusal) {
        for key in table.keys {
            guard let value = attributes.value(named: key.name) else {
                throw refusal("Missing the key \(key.name) in the item")
            }
            guard value.tag == key.type.tag else {
                throw refusal(
                    "Type mismatch for key \(key.name) expected: \(key.type.rawValue) actual: "
                        + value.tag.descriptor)
            }
            guard key.type != .number else { continue }
            if value.scalar.isEmpty { throw empty(key) }
            let most =
                key == table.hashKey ? Limits.partitionKeyBytesMax : Limits.sortKeyBytesMax
            if value.scalar.count > most {
                throw Refusal(
                    member: member,
                    message: "the key attribute '\(key.name)' comes to \(value.scalar.count) "
                        + "bytes, and it has \(most) at most")
            }
        }
    }

    /// Checks that an update leaves the key alone and gives index keys values of their types.
    func check(_ update: Update) throws(Refusal) {
        for attribute in update.topLevelAttributes
        where table.keys.contains(where: { $0.name == attribute }) {
            throw refusal(
                "Cannot update attribute \(attribute). This attribute is part of the key")
        }
        for (attribute, tag) in update.immediateTypes {
            for index in table.indexes {
                for key in index.hashKeys + index.rangeKeys
                where key.name == attribute && key.type.tag != tag {
                    throw mismatch(tag, key, index)
                }
            }
        }
    }

    private func mismatch(_ tag: ValueTag, _ key: DesignKey, _ index: DesignIndex) -> Refusal {
        refusal(
            "Type mismatch for Index Key \(key.name) Expected: \(key.type.rawValue) Actual: "
                + "\(tag.descriptor) IndexName: \(index.name)")
    }

    private func empty(_ key: DesignKey) -> Refusal {
        Refusal(member: member, message: "the key attribute '\(key.name)' comes out empty")
    }
}
