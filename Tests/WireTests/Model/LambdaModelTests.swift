import Operations
import Testing

@testable import Wire

/// The model of Lambda: what its constraints find, and in which words.
@Suite("Lambda's model")
struct LambdaModelTests {
    private func fault(_ operation: String, _ json: String) throws -> String? {
        let input = try JSONValue(parsing: Array(json.utf8))
        do throws(ServiceError) {
            try LambdaModel.check(operation, input)
            return nil
        } catch {
            return error.message
        }
    }

    @Test("names that are names, partial ARNs and ARNs pass")
    func names() throws {
        for name in [
            "orders", "orders:live", "000000000000:function:orders",
            "arn:aws:lambda:us-east-1:000000000000:function:orders:$LATEST",
        ] {
            #expect(try fault("GetFunction", #"{"FunctionName":"\#(name)"}"#) == nil)
        }
    }

    @Test("a name that is none is told with the pattern")
    func badName() throws {
        let message = try #require(try fault("GetFunction", #"{"FunctionName":"or ders"}"#))
        #expect(
            message.hasPrefix(
                "1 validation error detected: Value 'or ders' at 'functionName' failed to satisfy "
                    + "constraint: Member must satisfy regular expression pattern: (arn:(aws"))
    }

    @Test("every pattern of the model is understood")
    func patterns() throws {
        for shape in ServiceModel.lambda.shapes {
            guard let pattern = shape.pattern else { continue }
            #expect(ConstraintPattern.matches(pattern, "x") != nil, "\(shape.name): \(pattern)")
        }
    }

    @Test("what a bucket's name may not end with")
    func bucket() {
        let pattern = #"[0-9A-Za-z\.\-_]*(?<!\.)"#
        #expect(ConstraintPattern.matches(pattern, "my.bucket-1_x") == true)
        #expect(ConstraintPattern.matches(pattern, "my.") == false)
        #expect(ConstraintPattern.matches(pattern, "a b") == false)
    }

    @Test("values of the environment are never told")
    func environment() throws {
        let message = try fault(
            "UpdateFunctionConfiguration",
            #"{"FunctionName":"f","Environment":{"Variables":{"1a":"secret"}}}"#)
        #expect(
            message == "1 validation error detected: Value at 'environment.variables' failed to "
                + "satisfy constraint: Map keys must satisfy constraint: [Member must satisfy "
                + "regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]")
    }

    @Test("texts of a query become what their members want")
    func texts() {
        #expect(LambdaModel.value("5", of: "MaxItems", in: "ListFunctions") == .number("5"))
        #expect(LambdaModel.value("x", of: "MaxItems", in: "ListFunctions") == .string("x"))
        #expect(LambdaModel.value("7", of: "Marker", in: "ListFunctions") == .string("7"))
    }
}
