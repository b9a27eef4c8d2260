import Testing
import Wire

@testable import Templates

@Suite("Names of resources")
struct PhysicalNameTests {
    @Test func namesAreTheStackAndTheLogicalID() {
        #expect(PhysicalName.of(stack: "shop", logicalID: "Orders", limit: 255) == "shop-Orders")
        #expect(
            PhysicalName.of(stack: "Shop", logicalID: "Files", limit: 63, lowercased: true)
                == "shop-files")
        #expect(
            PhysicalName.of(stack: "shop", logicalID: "Jobs", limit: 80, suffix: ".fifo")
                == "shop-Jobs.fifo")
    }

    @Test func longNamesAreCutAndStayApart() {
        let stack = String(repeating: "s", count: 60)
        let first = PhysicalName.of(stack: stack, logicalID: "FirstFunction", limit: 64)
        let second = PhysicalName.of(stack: stack, logicalID: "FirstFunctiom", limit: 64)
        #expect(first.utf8.count == 64 && second.utf8.count == 64 && first != second)
        #expect(first == PhysicalName.of(stack: stack, logicalID: "FirstFunction", limit: 64))
    }

    @Test(arguments: [
        ("my_app", "my-app"), ("2nd app", "nd-app"), ("--", nil), ("", nil), ("a", "a"),
        ("Été-prod.", "t-prod"),
    ])
    func stackNamesOfDirectories(text: String, name: String?) {
        #expect(PhysicalName.stackName(from: text) == name)
    }

    @Test(arguments: [
        (
            #"{"Timeout":"5","Handler":7,"Enabled":"true"}"#,
            #"{"Timeout":5,"Handler":"7","Enabled":true}"#
        ),
        (
            #"{"Environment":{"Variables":{"A":1,"B":true}}}"#,
            #"{"Environment":{"Variables":{"A":"1","B":"true"}}}"#
        ),
        (
            #"{"PolicyDocument":{"Statement":[{"Sid":1,"Condition":{"Bool":{"x":true}}}]}}"#,
            #"{"PolicyDocument":{"Statement":[{"Sid":1,"Condition":{"Bool":{"x":true}}}]}}"#
        ),
        (#"{"BatchSize":"many"}"#, #"{"BatchSize":"many"}"#),
        (#"{"AttributeValues":[1,"a",false]}"#, #"{"AttributeValues":["1","a","false"]}"#),
    ])
    func propertiesGetTheTypesOfTheService(given: String, expected: String) throws {
        let value = try JSONValue(parsing: Array(given.utf8))
        let coerced = PropertyTypes.coerced(value)
        #expect(String(decoding: coerced.encoded, as: UTF8.self) == expected)
    }
}
