package import Items

extension Update {
    static let incorrectType = ExpressionError(
        "An operand in the update expression has an incorrect data type")
    static let typeMismatch = ExpressionError("Type mismatch for attribute to update")
    static let invalidPath = ExpressionError(
        "The document path provided in the update expression is invalid for update")
    static let absentAttribute = ExpressionError(
        "The provided expression refers to an attribute that does not exist in the item")
    static let tooDeep = ExpressionError("Nesting Levels have exceeded supported limits")

    /// What an action does at its path, once its value is known.
    enum Change: Sendable {
        case write(ItemValue)
        case remove
        /// Leaves what is there.
        case keep
    }

    /// Applies the update; every right side reads the item as it was before.
    ///
    /// - Parameter item: the current item, or an item of just the key attributes when there is
    ///   none.
    package func apply(to item: ItemBytes) throws(ExpressionError) -> UpdateOutcome {
        var changes: [Change] = []
        changes.reserveCapacity(actions.count)
        for (path, action) in zip(paths, actions) {
            let change = try change(action, at: path, in: item)
            if case .write(let value) = change {
                let depth = EncodedReader.depth(value.bytes, at: value.start)
                guard path.elements.count - 1 + depth <= ExpressionLimits.nestingDepthMax else {
                    throw Self.tooDeep
                }
            }
            changes.append(change)
        }
        var rewriter = ItemRewriter(tree: tree, changes: changes)
        let result = try rewriter.rewrite(item)
        return UpdateOutcome(
            item: result, original: item, touched: paths,
            written: rewriter.written(paths))
    }

    private func change(
        _ action: Action, at path: DocumentPath, in item: ItemBytes
    ) throws(ExpressionError) -> Change {
        switch action {
        case .set(let operand):
            return .write(try operand.value(in: item))
        case .remove:
            return .remove
        case .add(let value, let isLegacy):
            guard let current = path.value(in: item) else { return .write(value) }
            return .write(try Self.sum(current, value, isLegacy: isLegacy))
        case .delete(let value, let isLegacy):
            guard let current = path.value(in: item) else { return .keep }
            guard current.tag == value.tag, current.tag.isSet else {
                throw isLegacy ? Self.typeMismatch : Self.incorrectType
            }
            guard let rest = current.subtracting(value) else { return .remove }
            return .write(rest)
        }
    }

    private static func sum(
        _ current: ItemValue, _ value: ItemValue, isLegacy: Bool
    ) throws(ExpressionError) -> ItemValue {
        guard current.tag == value.tag else {
            throw isLegacy ? typeMismatch : incorrectType
        }
        if let left = current.number, let right = value.number {
            return try computed { () throws(NumberFault) in try left.adding(right) }
        }
        if current.tag.isSet { return current.union(value) }
        guard isLegacy, current.tag == .list else { throw incorrectType }
        return current.appending(value)
    }

    /// A number value, or the number's fault in the service's words.
    fileprivate static func computed(
        _ compute: () throws(NumberFault) -> DecimalNumber
    ) throws(ExpressionError) -> ItemValue {
        do throws(NumberFault) {
            return ItemValue(.number(try compute()))
        } catch {
            throw ExpressionError(error.message)
        }
    }
}

extension Update.Operand {
    /// The operand's value from an item.
    fileprivate func value(in item: ItemBytes) throws(ExpressionError) -> ItemValue {
        switch self {
        case .path(let path):
            guard let value = path.value(in: item) else { throw Update.absentAttribute }
            return value
        case .value(let value):
            return value
        case .ifNotExists(let path, let fallback):
            if let value = path.value(in: item) { return value }
            return try fallback.value(in: item)
        case .listAppend(let first, let second):
            let left = try first.value(in: item)
            let right = try second.value(in: item)
            guard left.tag == .list, right.tag == .list else { throw Update.incorrectType }
            return left.appending(right)
        case .sum(let first, let second):
            let (left, right) = try Self.numbers(first, second, in: item)
            return try Update.computed { () throws(NumberFault) in try left.adding(right) }
        case .difference(let first, let second):
            let (left, right) = try Self.numbers(first, second, in: item)
            return try Update.computed { () throws(NumberFault) in try left.subtracting(right) }
        }
    }

    private static func numbers(
        _ first: Update.Operand, _ second: Update.Operand, in item: ItemBytes
    ) throws(ExpressionError) -> (DecimalNumber, DecimalNumber) {
        let left = try first.value(in: item)
        let right = try second.value(in: item)
        guard let a = left.number, let b = right.number else { throw Update.incorrectType }
        return (a, b)
    }
}

extension ItemValue {
    /// The elements of two lists in one.
    fileprivate func appending(_ other: ItemValue) -> ItemValue {
        var encoder = ItemEncoder(capacity: end - start + other.end - other.start)
        let mark = encoder.beginContainer(.list)
        for element in elements { encoder.value(element) }
        for element in other.elements { encoder.value(element) }
        encoder.endContainer(mark, count: count + other.count)
        return encoder.finishValue()
    }

    /// The members of two sets of one type.
    fileprivate func union(_ other: ItemValue) -> ItemValue {
        let members = setMembers
        let known = Set(members)
        return set(of: members + other.setMembers.filter { !known.contains($0) })
    }

    /// The members of this set that another of its type doesn't have; nil where none is left.
    fileprivate func subtracting(_ other: ItemValue) -> ItemValue? {
        let removed = Set(other.setMembers)
        let rest = setMembers.filter { !removed.contains($0) }
        return rest.isEmpty ? nil : set(of: rest)
    }

    private func set(of members: [ArraySlice<UInt8>]) -> ItemValue {
        var encoder = ItemEncoder(capacity: end - start + 64)
        let mark = encoder.beginContainer(tag)
        for member in members {
            if tag == .numberSet {
                encoder.numberSetMember(DecimalNumber(encoded: member) ?? .zero)
            } else {
                encoder.setMember(member)
            }
        }
        encoder.endContainer(mark, count: members.count)
        return encoder.finishValue()
    }
}
