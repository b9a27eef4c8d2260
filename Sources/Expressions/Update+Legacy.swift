package import Items

/// One entry of the legacy AttributeUpdates.
package struct LegacyUpdate: Sendable {
    /// The literal name of an attribute at the top.
    package var attribute: String
    /// A wire name: PUT, ADD or DELETE; nil where it was not sent, which means PUT.
    package var action: String?
    package var value: ItemValue?

    package init(attribute: String, action: String?, value: ItemValue?) {
        self.attribute = attribute
        self.action = action
        self.value = value
    }
}

extension Update {
    /// The update that AttributeUpdates asks for, with the service's checks.
    package static func legacy(_ updates: [LegacyUpdate]) throws(ExpressionError) -> Update {
        func invalid(_ reason: String) -> ExpressionError {
            ExpressionError("One or more parameter values were invalid: \(reason)")
        }
        var paths: [DocumentPath] = []
        var actions: [Action] = []
        for update in updates {
            let action: Action
            switch (update.action ?? "PUT", update.value) {
            case ("DELETE", nil):
                action = .remove
            case (_, nil):
                throw invalid("Only DELETE action is allowed when no attribute value is specified")
            case ("DELETE", let value?):
                guard value.tag.isSet else {
                    throw invalid(
                        "DELETE action with value is not supported for the type "
                            + value.tag.descriptor)
                }
                action = .delete(value, isLegacy: true)
            case ("ADD", let value?):
                guard value.tag == .number || value.tag == .list || value.tag.isSet else {
                    throw invalid(
                        "ADD action is not supported for the type \(value.tag.descriptor)")
                }
                action = .add(value, isLegacy: true)
            case (_, let value?):
                action = .set(.value(value))
            }
            paths.append(DocumentPath(attribute: update.attribute))
            actions.append(action)
        }
        return Update(paths: paths, actions: actions, tree: PathTree(paths))
    }
}
