/// A place in a design file; both numbers are from 1.
package struct SourceMark: Sendable, Hashable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One thing that is wrong in a design file, and where.
package struct DesignFault: Error, Sendable, Hashable {
    package var mark: SourceMark?
    /// `patterns[2].key`; empty for the file as a whole.
    package var path: String
    package var message: String
}

/// All that is wrong in a design file, in the order of its lines.
package struct DesignFaults: Error, Sendable, CustomStringConvertible {
    /// As the user named it.
    package var file: String
    package var faults: [DesignFault]

    /// One line each: `orders.yaml:14:9: patterns[2].key: unknown attribute 'ordr' …`.
    package var lines: [String] {
        let ordered = faults.enumerated().sorted {
            ($0.element.mark?.line ?? 0, $0.offset) < ($1.element.mark?.line ?? 0, $1.offset)
        }
        return ordered.map(\.element).map { fault in
            [
                file + (fault.mark.map { ":\($0.line):\($0.column)" } ?? ""), fault.path,
                fault.message,
            ].filter { !$0.isEmpty }.joined(separator: ": ")
        }
    }

    package var description: String { lines.joined(separator: "\n") }
}

/// Finds what a misspelt word was meant to be.
enum Spelling {
    /// ` (did you mean 'x'?)` for the nearest word, or a list of all where none is near.
    static func hint(_ word: String, among known: [String]) -> String {
        let ranked = known.map {
            (word: $0, distance: distance(word.lowercased(), $0.lowercased()))
        }
        if let best = ranked.min(by: { $0.distance < $1.distance }),
            best.distance <= max(1, min(word.count, best.word.count) / 3)
        {
            return " (did you mean '\(best.word)'?)"
        }
        return known.isEmpty ? "" : " (known are \(known.joined(separator: ", ")))"
    }

    /// How many letters must be changed, put in or left out.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(64))
        let right = Array(right.utf8.prefix(64))
        var row = Array(0...right.count)
        for (line, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let changed = diagonal + (right[column] == byte ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
