internal import Items

/// Lists, maps and sets as literals. They hold literals and parameters only.
extension StatementParser {
    mutating func parseContainer() throws(ExpressionError) -> ItemValue {
        var encoder = ItemEncoder()
        switch current.kind {
        case .leftBrace:
            try appendMembers(to: &encoder)
        case .leftBracket:
            advance()
            let elements = try parseElements(.rightBracket, "RIGHT_BRACKET")
            let mark = encoder.beginContainer(.list)
            for element in elements { encoder.value(element) }
            encoder.endContainer(mark, count: elements.count)
        default:
            advance()
            let elements = try parseElements(.rightAngles, "RIGHT_DOUBLE_ANGLE_BRACKET")
            return try ItemValue(setOf: elements)
        }
        let value = encoder.finishValue()
        guard EncodedReader.depth(value.bytes, at: value.start) <= ExpressionLimits.nestingDepthMax
        else { throw ExpressionError("Nesting Levels have exceeded supported limits") }
        return value
    }

    private mutating func parseElements(
        _ close: StatementToken.Kind, _ name: String
    ) throws(ExpressionError) -> [ItemValue] {
        var elements: [ItemValue] = []
        if accept(close) { return elements }
        repeat { elements.append(try parseValue()) } while accept(.comma)
        try expect(close, name)
        return elements
    }

    /// A term that must be a value.
    mutating func parseValue() throws(ExpressionError) -> ItemValue {
        let token = current
        guard case .value(let value) = try parseSum() else {
            throw ExpressionError(
                "Unsupported token in expression: \(string(token)) at \(place(token))")
        }
        return value
    }

    /// The entries of `{'name': value, …}`.
    private mutating func appendMembers(
        to encoder: inout ItemEncoder
    ) throws(ExpressionError) {
        advance()
        let mark = encoder.beginContainer(.map)
        var names: Set<String> = []
        if !accept(.rightBrace) {
            repeat {
                let token = current
                guard token.kind == .string else {
                    throw .malformed("Expected a string for a field name")
                }
                advance()
                try expect(.colon, "COLON")
                guard names.insert(token.text).inserted else {
                    throw .malformed("Duplicate field name: \(token.text)")
                }
                encoder.name(token.text.utf8)
                encoder.value(try parseValue())
            } while accept(.comma)
            try expect(.rightBrace, "RIGHT_CURLY")
        }
        encoder.endContainer(mark, count: names.count)
    }
}

extension ItemValue {
    /// The set of values that are all S, all N or all B.
    fileprivate init(setOf members: [ItemValue]) throws(ExpressionError) {
        let invalid = "One or more parameter values were invalid: "
        guard let first = members.first else {
            throw ExpressionError(invalid + "An string set  may not be empty")
        }
        let tag: ValueTag
        switch first.tag {
        case .string: tag = .stringSet
        case .number: tag = .numberSet
        case .binary: tag = .binarySet
        default: throw ExpressionError(invalid + "A set may only hold strings, numbers or binary")
        }
        guard members.allSatisfy({ $0.tag == first.tag }) else {
            throw ExpressionError(invalid + "A set may only hold values of one type")
        }
        guard Set(members.map(\.scalar)).count == members.count else {
            throw ExpressionError(invalid + "Input collection contains duplicates")
        }
        var encoder = ItemEncoder()
        let mark = encoder.beginContainer(tag)
        for member in members {
            if let number = member.number {
                encoder.numberSetMember(number)
            } else {
                encoder.setMember(member.scalar)
            }
        }
        encoder.endContainer(mark, count: members.count)
        self = encoder.finishValue()
    }

    /// The members of a set as values.
    var memberValues: [ItemValue] {
        setMembers.map { member in
            var encoder = ItemEncoder(capacity: member.count + 4)
            switch tag {
            case .numberSet: encoder.number(DecimalNumber(encoded: member) ?? .zero)
            case .binarySet: encoder.binary(member)
            default: encoder.string(String(decoding: member, as: UTF8.self))
            }
            return encoder.finishValue()
        }
    }
}
