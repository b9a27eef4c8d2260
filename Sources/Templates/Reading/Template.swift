/// A template's sections, checked for their shape; nothing is resolved yet.
package struct Template: Sendable {
    package struct Resource: Sendable {
        package var logicalID: String
        package var type: String
        /// A map; empty where none were given.
        package var properties: TemplateNode
        package var condition: String?
        package var dependsOn: [String]
        package var deletionPolicy: String?
        package var line: Int?
        /// The service's own, for SAM's code signing and the like; kept for metadata alone.
        package var metadata: TemplateNode?
    }

    package struct Parameter: Sendable {
        package var name: String
        package var type: String
        package var definition: TemplateNode
    }

    package struct Output: Sendable {
        package var name: String
        package var value: TemplateNode
        package var condition: String?
    }

    package var isServerless = false
    package var parameters: [Parameter] = []
    /// Maps of maps.
    package var mappings: [String: TemplateNode] = [:]
    package var conditions: [String: TemplateNode] = [:]
    package var globals: TemplateNode?
    package var resources: [Resource] = []
    package var outputs: [Output] = []

    /// Parts of a template that say nothing to us, or that others read.
    private static let ignoredSections: Set<String> = [
        "AWSTemplateFormatVersion", "Description", "Metadata", "Rules", "Hooks",
    ]

    /// - Throws: a `TemplateError` with the line, without the file.
    package init(parsing text: String) throws(TemplateError) {
        let root = try TemplateReader.read(text)
        guard let sections = root.members else {
            throw TemplateError("expected a map with Resources", line: root.line)
        }
        for (name, value) in sections where !value.isNull {
            switch name {
            case "Transform": isServerless = try Self.transform(value)
            case "Parameters": try readParameters(value)
            case "Mappings": try readMappings(value)
            case "Conditions":
                for (name, condition) in try Self.map(value, "Conditions") {
                    conditions[name] = condition
                }
            case "Globals": globals = value
            case "Resources": try readResources(value)
            case "Outputs": try readOutputs(value)
            default:
                guard Self.ignoredSections.contains(name) else {
                    throw TemplateError(
                        "\(name) is no section of a template", line: value.line)
                }
            }
        }
        guard !resources.isEmpty else { throw TemplateError("has no Resources") }
    }

    private static func map(
        _ node: TemplateNode, _ what: String
    ) throws(TemplateError) -> [(key: String, value: TemplateNode)] {
        guard let members = node.members else {
            throw TemplateError("\(what): expected a map", line: node.line)
        }
        return members
    }

    /// Whether SAM is among the transforms.
    private static func transform(_ value: TemplateNode) throws(TemplateError) -> Bool {
        let names = (value.elements ?? [value]).map { $0.string }
        for name in names {
            switch name {
            case "AWS::Serverless-2016-10-31", "AWS::LanguageExtensions": break
            default:
                throw TemplateError(
                    "Transform: only AWS::Serverless-2016-10-31 is known, not "
                        + (name ?? "what stands here"), line: value.line)
            }
        }
        return names.contains("AWS::Serverless-2016-10-31")
    }

    private mutating func readParameters(_ section: TemplateNode) throws(TemplateError) {
        for (name, definition) in try Self.map(section, "Parameters") {
            guard let type = definition["Type"]?.string else {
                throw TemplateError("Parameters.\(name): expected a Type", line: definition.line)
            }
            parameters.append(Parameter(name: name, type: type, definition: definition))
        }
    }

    private mutating func readMappings(_ section: TemplateNode) throws(TemplateError) {
        for (name, mapping) in try Self.map(section, "Mappings") {
            for (key, values) in try Self.map(mapping, "Mappings.\(name)") {
                _ = try Self.map(values, "Mappings.\(name).\(key)")
            }
            mappings[name] = mapping
        }
    }

    private mutating func readResources(_ section: TemplateNode) throws(TemplateError) {
        for (name, definition) in try Self.map(section, "Resources") {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isAlphanumeric) else {
                throw TemplateError(
                    "Resources: '\(name)' is no logical id: letters and digits alone",
                    line: definition.line)
            }
            guard let type = definition["Type"]?.string else {
                throw TemplateError("Resources.\(name): expected a Type", line: definition.line)
            }
            let properties = definition["Properties"] ?? TemplateNode(.map([]))
            guard properties.members != nil else {
                throw TemplateError(
                    "Resources.\(name).Properties: expected a map", line: properties.line)
            }
            resources.append(
                Resource(
                    logicalID: name, type: type, properties: properties,
                    condition: try Self.condition(definition, "Resources.\(name)"),
                    dependsOn: try Self.dependencies(definition["DependsOn"], name),
                    deletionPolicy: definition["DeletionPolicy"]?.string,
                    line: definition["Type"]?.line ?? definition.line,
                    metadata: definition["Metadata"]))
        }
    }

    private mutating func readOutputs(_ section: TemplateNode) throws(TemplateError) {
        for (name, definition) in try Self.map(section, "Outputs") {
            guard let value = definition["Value"] else {
                throw TemplateError("Outputs.\(name): expected a Value", line: definition.line)
            }
            outputs.append(
                Output(
                    name: name, value: value,
                    condition: try Self.condition(definition, "Outputs.\(name)")))
        }
    }

    private static func condition(
        _ definition: TemplateNode, _ place: String
    ) throws(TemplateError) -> String? {
        guard let condition = definition["Condition"] else { return nil }
        guard let name = condition.string else {
            throw TemplateError(
                "\(place).Condition: expected a condition's name", line: condition.line)
        }
        return name
    }

    private static func dependencies(
        _ node: TemplateNode?, _ name: String
    ) throws(TemplateError) -> [String] {
        guard let node else { return [] }
        var names: [String] = []
        for element in node.elements ?? [node] {
            guard let text = element.string else {
                throw TemplateError(
                    "Resources.\(name).DependsOn: expected logical ids", line: node.line)
            }
            names.append(text)
        }
        return names
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }
}
