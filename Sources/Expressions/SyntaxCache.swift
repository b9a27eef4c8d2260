internal import Synchronization

/// Keeps the syntax of texts that were parsed lately: applications send the same few again and
/// again with other values.
///
/// Two generations: when the young one is full it becomes the old one, and what is used again
/// moves back. So it holds at most `2 * generationCountMax` texts of at most 4 KB.
enum SyntaxCache {
    private struct Key: Hashable {
        var kind: ExpressionKind
        var text: String
    }

    private struct Generations {
        var young: [Key: ExpressionSyntax] = [:]
        var old: [Key: ExpressionSyntax] = [:]
    }

    private static let generationCountMax = 512
    private static let generations = Mutex(Generations())

    /// The syntax of a text, parsed or remembered.
    static func syntax(
        of text: String, kind: ExpressionKind
    ) throws(ExpressionError) -> ExpressionSyntax {
        // A filter and a condition have one grammar, but the kind is in the messages.
        let key = Key(kind: kind, text: text)
        let known = generations.withLock { generations -> ExpressionSyntax? in
            if let syntax = generations.young[key] { return syntax }
            guard let syntax = generations.old[key] else { return nil }
            insert(syntax, key, into: &generations)
            return syntax
        }
        if let known { return known }
        let syntax = try ExpressionParser.parse(text, kind: kind)
        generations.withLock { insert(syntax, key, into: &$0) }
        return syntax
    }

    private static func insert(
        _ syntax: ExpressionSyntax, _ key: Key, into generations: inout Generations
    ) {
        if generations.young.count >= generationCountMax {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[key] = syntax
    }
}
