package import Wire

/// A policy: statements of what is allowed and denied.
package struct PolicyDocument: Sendable, Hashable {
    let statements: [PolicyStatement]

    /// Reads a document.
    ///
    /// - Parameter kind: whether it stands with a principal or names principals itself.
    /// - Throws: what IAM answers as MalformedPolicyDocument, with the statement's place.
    package init(_ json: JSONValue, kind: PolicyKind = .identity) throws(PolicyFault) {
        guard let members = json.members,
            members.allSatisfy({ ["Version", "Id", "Statement"].contains($0.0) }),
            let statements = json["Statement"]
        else { throw .syntax }
        if let id = json["Id"], id.string == nil { throw .syntax }
        var version = "2008-10-17"
        if let given = json["Version"] {
            guard let text = given.string, text == "2012-10-17" || text == version else {
                throw .syntax
            }
            version = text
        }
        // One statement may stand without its list.
        let list = statements.elements ?? [statements]
        var read: [PolicyStatement] = []
        var sids: Set<String> = []
        for (index, statement) in list.enumerated() {
            let reader = StatementReader(
                json: statement, kind: kind, hasVariables: version == "2012-10-17")
            do throws(PolicyFault) {
                let statement = try reader.statement()
                if let sid = statement.sid, !sid.isEmpty, !sids.insert(sid).inserted {
                    throw PolicyFault("Statement IDs (SID) in a single policy must be unique.")
                }
                read.append(statement)
            } catch {
                throw PolicyFault(
                    error.message, statement: index + 1, sid: statement["Sid"]?.string)
            }
        }
        self.statements = read
    }

    /// The actions that statements name in full or by a pattern, for those who check their
    /// spelling.
    var namedActions: [(statement: Int, action: PolicyPattern)] {
        statements.enumerated().flatMap { index, statement in
            statement.actions.patterns.map { (index + 1, $0) }
        }
    }
}
