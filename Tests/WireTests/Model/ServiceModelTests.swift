import Foundation
import Testing

@testable import Wire

@Suite("The service model")
struct ServiceModelTests {
    let model = ServiceModel.shared

    @Test("has every operation, with an input that is a structure")
    func operations() {
        #expect(model.inputs.count == 57)
        for (name, input) in model.inputs {
            guard case .structure = model.shapes[input].kind else {
                Issue.record("\(name) has no structure")
                continue
            }
        }
        #expect(model.hasOperation("ExecuteTransaction"))
        #expect(!model.hasOperation("DropTable"))
        let endpoints = model.inputs["DescribeEndpoints"].map { model.shapes[$0].name }
        #expect(endpoints == "DescribeEndpointsRequest")
    }

    @Test("of Streams is apart from DynamoDB's, with the bounds that its prose tells")
    func streams() throws {
        let streams = ServiceModel.streams
        #expect(Set(streams.inputs.keys) == StreamCodec.operations)
        #expect(Set(model.inputs.keys).isDisjoint(with: StreamCodec.operations))
        let limits = [("ListStreams", 100), ("DescribeStream", 100), ("GetRecords", 1_000)]
        for (operation, max) in limits {
            let input = streams.shapes[try #require(streams.inputs[operation])]
            let limit = try #require(input.member("Limit"))
            #expect(streams.shapes[limit.shape].bounds == ServiceModel.Bounds(min: 1, max: max))
        }
        let statement = model.shapes[try #require(model.inputs["ExecuteStatement"])]
        let limit = try #require(statement.member("Limit"))
        #expect(model.shapes[limit.shape].bounds == ServiceModel.Bounds(min: 1))
    }

    @Test("keeps members, bounds, enumerations and patterns")
    func shapes() throws {
        let input = try #require(model.inputs["CreateTable"])
        let shape = model.shapes[input]
        let name = try #require(shape.member("TableName"))
        #expect(name.isRequired)
        #expect(name.pathName == "tableName")
        #expect(model.shapes[name.shape].bounds == ServiceModel.Bounds(min: 1, max: 1_024))
        let specification = try #require(shape.member("SSESpecification"))
        #expect(!specification.isRequired)
        #expect(specification.pathName == "sSESpecification")

        let indexName = try #require(model.shapes.first { $0.name == "IndexName" })
        #expect(indexName.pattern == "[a-zA-Z0-9_.-]+")
        #expect(indexName.bounds == ServiceModel.Bounds(min: 3, max: 255))
        let delimiter = try #require(model.shapes.first { $0.name == "CsvDelimiter" })
        #expect(delimiter.pattern == #"[,;:|\t ]"#)
        let keyType = try #require(model.shapes.first { $0.name == "KeyType" })
        #expect(keyType.allowedValues == ["HASH", "RANGE"])
        let value = try #require(model.shapes.first { $0.name == "AttributeValue" })
        let list = try #require(value.member("L"))
        guard case .list(let element) = model.shapes[list.shape].kind else {
            Issue.record("L is no list")
            return
        }
        #expect(model.shapes[element].name == "AttributeValue")
    }

    @Test("has no pattern that the validator can't match")
    func patterns() {
        for shape in model.shapes {
            guard let pattern = shape.pattern else { continue }
            #expect(ConstraintPattern.matches(pattern, "") != nil, "\(shape.name): \(pattern)")
        }
    }

    @Test("tells enumerations in another order, but with the model's values")
    func enumerations() throws {
        let texts = ServiceModel.generatedText + "\n" + ServiceModel.generatedStreamsText
        let published = texts.split(separator: "\n")
        for (name, told) in ConstraintText.told {
            let start = try #require(published.firstIndex { $0.hasPrefix("string \(name) ") })
            var text = String(published[start])
            for line in published[(start + 1)...] {
                guard line.first == " " else { break }
                text += line
            }
            let values = text.split(separator: " ").compactMap { word in
                word.hasPrefix("enum=") ? String(word.dropFirst(5)) : nil
            }
            #expect(Set(values) == Set(told), "\(name)")
            #expect(values.count == told.count, "\(name)")
        }
    }

    @Test(
        "matches patterns whole, as Java does",
        arguments: [
            ("[a-zA-Z0-9_.-]+", "a-Z_0.9", true), ("[a-zA-Z0-9_.-]+", "a;", false),
            ("[a-zA-Z0-9_.-]+", "é", false), ("[0-9]{12}", "123456789012", true),
            ("[0-9]{12}", "1234567890123", false), ("([0-9a-f]{16})+", "0123456789abcdef", true),
            ("([0-9a-f]{16})+", "0123456789abcdeF", false), (#"\p{Print}+"#, "a b~", true),
            (#"\p{Print}+"#, "a\n", false), (#"^[^\$]+$"#, "a$b", false),
            (#"^[^\$]+$"#, "ab", true),
            (#"[,;:|\t ]"#, "\t", true), (#"[,;:|\t ]"#, "\\", false),
            (#"[\x20-\x21\x23-\x2B\x2D-\x7E]*"#, "", true),
            (#"[\x20-\x21\x23-\x2B\x2D-\x7E]*"#, "a,b", false),
            (#"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$"#, "my.bucket-1", true),
            (#"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$"#, "bucket-", false),
            (#"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"#, "é😀\n", true),
            (#"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"#, "\u{1}", false),
        ])
    func matching(_ pattern: String, _ text: String, _ expected: Bool) {
        #expect(ConstraintPattern.matches(pattern, text) == expected)
    }

    @Test("is what the generator makes of botocore's model")
    func generation() throws {
        var root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let generator = root.appendingPathComponent("tools/generate-service-model").path
        // Python answers 2 for a script that isn't there, as the script does where it cannot tell.
        try #require(FileManager.default.isReadableFile(atPath: generator))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", generator, "--check"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // 2: botocore is absent or of another version; 127: there is no Python.
        #expect([0, 2, 127].contains(process.terminationStatus))
    }
}
