internal import FoundationEssentials
internal import Operations

/// The form of a resource-based policy, as far as it is checked: statements that name an effect,
/// principals, actions and resources.
struct PolicyDocument: Decodable {
    private struct Statement: Decodable {
        private enum Effect: String, Decodable {
            case allow = "Allow"
            case deny = "Deny"
        }

        private enum Element: String, CodingKey, CaseIterable {
            case id = "Sid"
            case effect = "Effect"
            case principal = "Principal"
            case notPrincipal = "NotPrincipal"
            case action = "Action"
            case notAction = "NotAction"
            case resource = "Resource"
            case notResource = "NotResource"
            case condition = "Condition"
        }

        init(from decoder: any Decoder) throws {
            let elements = try decoder.container(keyedBy: Element.self)
            _ = try elements.decode(Effect.self, forKey: .effect)
            for (one, other) in [
                (Element.principal, Element.notPrincipal), (.action, .notAction),
                (.resource, .notResource),
            ] where elements.contains(one) == elements.contains(other) {
                throw DecodingError.keyNotFound(
                    one,
                    DecodingError.Context(
                        codingPath: decoder.codingPath,
                        debugDescription: "either \(one.rawValue) or \(other.rawValue)"))
            }
        }
    }

    private enum Element: String, CodingKey {
        case version = "Version"
        case statement = "Statement"
    }

    init(from decoder: any Decoder) throws {
        let elements = try decoder.container(keyedBy: Element.self)
        if let version = try elements.decodeIfPresent(String.self, forKey: .version),
            version != "2012-10-17", version != "2008-10-17"
        {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: elements, debugDescription: "an unknown version")
        }
        // One statement may stand without its list.
        if (try? elements.decode([Statement].self, forKey: .statement)) == nil {
            _ = try elements.decode(Statement.self, forKey: .statement)
        }
    }

    /// Refuses a document that is too long or not of this form.
    static func check(_ document: String) throws(ServiceError) {
        guard document.utf8.count <= Limits.resourcePolicyBytesMax else {
            throw .validation(
                "Resource-based policy document exceeds the maximum size of "
                    + "\(Limits.resourcePolicyBytesMax) bytes")
        }
        do {
            _ = try JSONDecoder().decode(PolicyDocument.self, from: Data(document.utf8))
        } catch {
            throw .validation("Invalid policy document: Syntax errors in policy.")
        }
    }
}
