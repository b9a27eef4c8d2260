import Testing

@testable import Functions

/// What names a function.
@Suite("References to functions")
struct FunctionReferenceTests {
    @Test("every form")
    func forms() throws {
        let name = try #require(FunctionReference("orders"))
        #expect(name.name == "orders")
        #expect((name.region, name.account, name.qualifier) == (nil, nil, nil))
        let qualified = try #require(FunctionReference("orders:live"))
        #expect((qualified.name, qualified.qualifier) == ("orders", "live"))
        let partial = try #require(FunctionReference("000000000000:function:orders:$LATEST"))
        #expect((partial.account, partial.name) == ("000000000000", "orders"))
        #expect(partial.qualifier == "$LATEST")
        let regional = try #require(FunctionReference("eu-west-1:000000000000:function:orders"))
        #expect((regional.region, regional.account) == ("eu-west-1", "000000000000"))
        let full = try #require(
            FunctionReference("arn:aws:lambda:us-east-1:000000000000:function:orders:3"))
        #expect((full.region, full.account) == ("us-east-1", "000000000000"))
        #expect((full.name, full.qualifier) == ("orders", "3"))
    }

    @Test(
        "what is none",
        arguments: [
            "", ":", "a:", ":a", "a b", "a:b:c", "arn:aws:lambda", "arn:aws:sqs:r:000000000000:q",
            "arn:aws:lambda:us-east-1:00:function:f", "é", "f:$OTHER",
            "arn:aws:lambda:us-east-1:000000000000:layer:f:1",
        ])
    func none(_ text: String) { #expect(FunctionReference(text) == nil) }
}
