package import Operations

/// A table as a request names it: by its name, or by its ARN.
///
/// `arn:aws:dynamodb:<region>:<account>:table/<name>`; a name alone means the request's region.
package struct ResourceName: Sendable, Hashable {
    package let tableName: String
    /// nil where only the name was given.
    package let region: String?
    /// nil where only the name was given.
    package let accountID: String?

    /// Reads a TableName parameter: a name or the ARN of a table.
    ///
    /// - Throws: ValidationException for a name that breaks the rules of table names, and for an
    ///   ARN that isn't a table's (an index's, a stream's or a backup's, say).
    package init(tableName text: String) throws(ServiceError) {
        if text.utf8.starts(with: "arn:".utf8) {
            self = try ResourceName(arn: text)
            return
        }
        try ResourceName.validate(name: text)
        tableName = text
        region = nil
        accountID = nil
    }

    /// Reads a ResourceArn parameter: the ARN of a table.
    ///
    /// - Throws: ValidationException for anything else.
    package init(arn text: String) throws(ServiceError) {
        // Made only where it is needed: streams are read by their ARN all the time.
        var invalid: ServiceError {
            .validation("Invalid TableArn: Invalid ResourceArn provided as input \(text)")
        }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1] == "aws" || parts[1].hasPrefix("aws-"),
            parts[2] == "dynamodb", !parts[3].isEmpty, !parts[4].isEmpty,
            parts[4].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw invalid }
        let resource = parts[5].split(separator: "/", omittingEmptySubsequences: false)
        guard resource.count == 2, resource[0] == "table", ResourceName.isName(resource[1]) else {
            throw invalid
        }
        tableName = String(resource[1])
        region = String(parts[3])
        accountID = String(parts[4])
    }

    /// Reads the ResourceArn parameter of an operation on tags.
    ///
    /// - Throws: AccessDeniedException for what is no ARN of DynamoDB, since nobody was given a
    ///   right to it; ValidationException for an ARN of DynamoDB that isn't a table's.
    init(
        tagged text: String, for operation: String, environment: EngineEnvironment
    ) throws(ServiceError) {
        guard text.isEmpty || ResourceName.isOfDynamoDB(text) else {
            throw .accessDenied(operation: operation, accountID: environment.accountID)
        }
        self = try ResourceName(arn: text)
    }

    /// Whether a text has the form of an ARN of DynamoDB, of whatever resource.
    static func isOfDynamoDB(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "arn" && parts[2] == "dynamodb"
    }

    /// Refuses the tables of other accounts; tells which table is meant.
    ///
    /// - Parameter operation: the operation's name, for the error's text.
    /// - Throws: AccessDeniedException.
    func located(
        for operation: String, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> TableLocation {
        if let accountID, accountID != environment.accountID {
            throw .accessDenied(
                operation: operation,
                resource: "arn:aws:dynamodb:\(region ?? ""):\(accountID):table/\(tableName)",
                accountID: environment.accountID)
        }
        return TableLocation(name: tableName, region: region ?? context.region)
    }

    private static func isName(_ text: Substring) -> Bool {
        let length = Limits.tableNameLengthMin...Limits.tableNameLengthMax
        return length.contains(text.utf8.count) && text.utf8.allSatisfy(isNameByte)
    }

    private static func validate(name: String) throws(ServiceError) {
        let minimum = Limits.tableNameLengthMin
        let maximum = Limits.tableNameLengthMax
        guard (minimum...maximum).contains(name.utf16.count) else {
            throw .validation(
                "TableName must be at least \(minimum) characters long and "
                    + "at most \(maximum) characters long")
        }
        guard name.utf8.allSatisfy(isNameByte) else {
            throw .constraints([
                "Value '\(name)' at 'tableName' failed to satisfy constraint: "
                    + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
            ])
        }
    }

    /// Whether a byte may stand in the name of a table: `[a-zA-Z0-9_.-]`.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// Which table is meant: names are unique in a region.
package struct TableLocation: Sendable, Hashable {
    package let name: String
    package let region: String

    package init(name: String, region: String) {
        self.name = name
        self.region = region
    }

    /// Reads a TableName parameter (a name or an ARN) of any operation.
    ///
    /// - Parameter operation: the operation's name, for the error's text.
    /// - Throws: ValidationException for what is neither; AccessDeniedException for the ARN of
    ///   another account's table.
    package init(
        tableName: String, for operation: String, context: RequestContext,
        environment: EngineEnvironment
    ) throws(ServiceError) {
        self = try ResourceName(tableName: tableName).located(
            for: operation, context: context, environment: environment)
    }

    /// The table, for operations of the control plane.
    ///
    /// - Throws: ResourceNotFoundException that tells the name.
    func existing(in tables: any TableLookup) throws(ServiceError) -> Table {
        guard let table = tables.table(named: name, region: region) else {
            throw .tableNotFound(named: name)
        }
        return table
    }
}
