import Operations
import Testing
import Wire

@testable import Triggers

@Suite("Event filters")
struct EventFilterTests {
    private func event(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    private func expect(
        _ pattern: String, matches: [String] = [], not: [String] = [],
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let filter = try EventFilter(patterns: [pattern])
        for text in matches {
            #expect(
                filter.matches(try event(text)), "\(pattern) matches \(text)",
                sourceLocation: location)
        }
        for text in not {
            #expect(
                !filter.matches(try event(text)), "\(pattern) doesn't match \(text)",
                sourceLocation: location)
        }
    }

    @Test("values are compared exactly, numbers by value")
    func literals() throws {
        try expect(
            #"{"a":["x",5,null,true]}"#,
            matches: [#"{"a":"x"}"#, #"{"a":5.0}"#, #"{"a":null}"#, #"{"a":true}"#, #"{"a":5e0}"#],
            not: [#"{"a":"5"}"#, #"{"a":false}"#, #"{"a":"X"}"#, "{}", #"{"a":{"a":"x"}}"#])
        try expect(#"{"a":[""]}"#, matches: [#"{"a":""}"#], not: [#"{"a":null}"#])
        try expect(#"{"a":[10000000000]}"#, matches: [#"{"a":10000000000}"#], not: [#"{"a":1e10}"#])
        // The same letter, composed in two ways.
        try expect(#"{"a":["\u00e9"]}"#, matches: [#"{"a":"é"}"#], not: [#"{"a":"e\u0301"}"#])
    }

    @Test("members are AND, lists are OR, several patterns are OR")
    func combinations() throws {
        try expect(
            #"{"a":["x"],"b":{"c":[1,2]}}"#, matches: [#"{"a":"x","b":{"c":2,"d":0}}"#],
            not: [#"{"a":"x"}"#, #"{"a":"x","b":{"c":3}}"#, #"{"a":"y","b":{"c":1}}"#])
        let filter = try EventFilter(patterns: [#"{"a":[1]}"#, #"{"b":[1]}"#])
        #expect(filter.matches(try event(#"{"a":0,"b":1}"#)))
        #expect(!filter.matches(try event(#"{"a":0,"b":0}"#)))
        let open = try EventFilter(patterns: [])
        #expect(open.isEmpty)
        #expect(open.matches(try event("{}")))
    }

    @Test("prefix and suffix, with case and without")
    func edges() throws {
        try expect(
            #"{"a":[{"prefix":"ab"}]}"#, matches: [#"{"a":"abc"}"#, #"{"a":"ab"}"#],
            not: [#"{"a":"Abc"}"#, #"{"a":"a"}"#, #"{"a":1}"#])
        try expect(
            #"{"a":[{"suffix":".png"}]}"#, matches: [#"{"a":"x.png"}"#], not: [#"{"a":"x.pngs"}"#])
        try expect(
            #"{"a":[{"prefix":{"equals-ignore-case":"ab"}}]}"#, matches: [#"{"a":"ABc"}"#],
            not: [#"{"a":"cab"}"#])
        try expect(
            #"{"a":[{"suffix":{"equals-ignore-case":"Σ"}}]}"#, matches: [#"{"a":"xς"}"#],
            not: [#"{"a":"ςx"}"#])
        try expect(
            #"{"a":[{"equals-ignore-case":"Straße"}]}"#, matches: [#"{"a":"STRAßE"}"#],
            not: [#"{"a":"Strasse"}"#])
    }

    @Test("anything-but takes values, lists and rules; what isn't there doesn't match")
    func exclusion() throws {
        try expect(
            #"{"a":[{"anything-but":"x"}]}"#,
            matches: [#"{"a":"y"}"#, #"{"a":1}"#, #"{"a":null}"#, #"{"a":["x","y"]}"#],
            not: [#"{"a":"x"}"#, "{}", #"{"a":[]}"#, #"{"a":{"x":1}}"#])
        try expect(
            #"{"a":[{"anything-but":[1,2]}]}"#, matches: [#"{"a":3}"#, #"{"a":"1"}"#],
            not: [#"{"a":1}"#, #"{"a":2.0}"#])
        try expect(
            #"{"a":[{"anything-but":{"prefix":["x","y"]}}]}"#, matches: [#"{"a":"z"}"#],
            not: [#"{"a":"xa"}"#, #"{"a":"ya"}"#])
        try expect(
            #"{"a":[{"anything-but":{"suffix":"x"}}]}"#, matches: [#"{"a":"z"}"#],
            not: [#"{"a":"ax"}"#])
        try expect(
            #"{"a":[{"anything-but":{"wildcard":"*/lib/*"}}]}"#, matches: [#"{"a":"lib"}"#],
            not: [#"{"a":"a/lib/b"}"#])
        try expect(
            #"{"a":[{"anything-but":{"equals-ignore-case":["on","off"]}}]}"#,
            matches: [#"{"a":"o"}"#], not: [#"{"a":"OFF"}"#])
    }

    @Test("numeric compares numbers, never texts of numbers")
    func numeric() throws {
        try expect(
            #"{"a":[{"numeric":[">",0,"<=",5]}]}"#,
            matches: [#"{"a":5}"#, #"{"a":0.001}"#, #"{"a":[9,3]}"#],
            not: [#"{"a":0}"#, #"{"a":5.1}"#, #"{"a":"3"}"#, #"{"a":{"N":"3"}}"#])
        try expect(#"{"a":[{"numeric":["=",1e2]}]}"#, matches: [#"{"a":100}"#], not: [#"{"a":1}"#])
        try expect(#"{"a":[{"numeric":["<",0]}]}"#, matches: [#"{"a":-1}"#], not: [#"{"a":0}"#])
        try expect(#"{"a":[{"numeric":[">=",0]}]}"#, matches: [#"{"a":0}"#], not: [#"{"a":6e9}"#])
    }

    @Test("exists asks for leaves")
    func existence() throws {
        try expect(
            #"{"a":{"b":[{"exists":true}]}}"#,
            matches: [#"{"a":{"b":null}}"#, #"{"a":{"b":[1]}}"#, #"{"a":[{},{"b":1}]}"#],
            not: [#"{"a":{}}"#, #"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":[]}}"#, "{}"])
        try expect(
            #"{"a":{"b":[{"exists":false}]}}"#,
            matches: [#"{"a":{}}"#, "{}", #"{"a":1}"#, #"{"a":{"b":{"c":1}}}"#],
            not: [#"{"a":{"b":null}}"#, #"{"a":[{},{"b":1}]}"#])
        try expect(
            #"{"a":["x",{"exists":false}]}"#, matches: [#"{"a":"x"}"#, "{}"], not: [#"{"a":"y"}"#])
    }

    @Test("wildcards")
    func wildcards() throws {
        try expect(
            #"{"a":[{"wildcard":"a*b*c"}]}"#,
            matches: [#"{"a":"abc"}"#, #"{"a":"axxbxbxc"}"#, #"{"a":"abcbc"}"#],
            not: [#"{"a":"abcd"}"#, #"{"a":"acb"}"#, #"{"a":"ac"}"#])
        try expect(#"{"a":[{"wildcard":"a*a"}]}"#, matches: [#"{"a":"aa"}"#], not: [#"{"a":"a"}"#])
        try expect(
            #"{"a":[{"wildcard":"\\*\\\\*"}]}"#, matches: [#"{"a":"*\\x"}"#], not: [#"{"a":"x\\"}"#]
        )
    }

    @Test("address ranges")
    func networks() throws {
        try expect(
            #"{"a":[{"cidr":"10.0.0.0/23"}]}"#, matches: [#"{"a":"10.0.1.255"}"#],
            not: [#"{"a":"10.0.2.0"}"#, #"{"a":"::1"}"#, #"{"a":"10.0"}"#, #"{"a":10}"#])
        try expect(
            #"{"a":[{"cidr":"2001:db8::/33"}]}"#, matches: [#"{"a":"2001:db8:7fff::"}"#],
            not: [#"{"a":"2001:db8:8000::"}"#])
        try expect(#"{"a":[{"cidr":"0.0.0.0/0"}]}"#, matches: [#"{"a":"1.2.3.4"}"#])
    }

    @Test("$or, and an array's elements each by itself")
    func alternatives() throws {
        try expect(
            #"{"s":[1],"$or":[{"a":[1]},{"b":{"c":[2]}}]}"#,
            matches: [#"{"s":1,"a":1}"#, #"{"s":1,"b":{"c":2}}"#],
            not: [#"{"s":1}"#, #"{"a":1}"#, #"{"s":1,"a":2,"b":{"c":1}}"#])
        // A single alternative makes it a name like any other.
        try expect(#"{"$or":["x","y"]}"#, matches: [#"{"$or":"y"}"#], not: ["{}"])
        try expect(
            #"{"r":{"x":[1],"y":[2]}}"#, matches: [#"{"r":[{"x":0},{"x":1,"y":2}]}"#],
            not: [#"{"r":[{"x":1},{"y":2}]}"#])
    }

    @Test(
        "what is no pattern is refused",
        arguments: [
            "", "x", "5", "[]", "{}", #"{"a":{}}"#, #"{"a":[]}"#, #"{"a":"x"}"#, #"{"a":5}"#,
            #"{"a":null}"#, #"{"a":[[1]]}"#, #"{"a":[{}]}"#, #"{"a":[{"like":"x"}]}"#,
            #"{"a":[{"prefix":"x","suffix":"y"}]}"#, #"{"a":[{"prefix":1}]}"#,
            #"{"a":[{"prefix":{"suffix":"x"}}]}"#, #"{"a":[{"exists":"true"}]}"#,
            #"{"a":[{"anything-but":[]}]}"#, #"{"a":[{"anything-but":["x",1]}]}"#,
            #"{"a":[{"anything-but":null}]}"#, #"{"a":[{"anything-but":{"exists":true}}]}"#,
            #"{"a":[{"anything-but":{"prefix":""}}]}"#, #"{"a":[{"numeric":[]}]}"#,
            #"{"a":[{"numeric":["=","5"]}]}"#, #"{"a":[{"numeric":["=",5,"=",6]}]}"#,
            #"{"a":[{"numeric":["<",5,">",1]}]}"#, #"{"a":[{"numeric":[">",5,"<",5]}]}"#,
            #"{"a":[{"numeric":[">",6e9]}]}"#, #"{"a":[{"numeric":["!=",5]}]}"#,
            #"{"a":[{"wildcard":"a**"}]}"#, #"{"a":[{"wildcard":"\\a"}]}"#,
            #"{"a":[{"cidr":"10.0.0.0"}]}"#, #"{"a":[{"cidr":"10.0.0.0/33"}]}"#,
            #"{"a":[{"cidr":"10.0.0/8"}]}"#, #"{"$or":[{"a":[1]},{}],"b":{}}"#,
        ])
    func refusals(pattern: String) {
        let error = #expect(throws: ServiceError.self) {
            try EventFilter(patterns: [#"{"ok":[1]}"#, pattern])
        }
        #expect(error?.code == "InvalidParameterValueException")
        #expect(error?.message == "Invalid filter pattern definition.")
    }

    @Test("at most five patterns")
    func patternCount() throws {
        let pattern = #"{"a":[1]}"#
        _ = try EventFilter(patterns: Array(repeating: pattern, count: 5))
        #expect(throws: ServiceError.self) {
            try EventFilter(patterns: Array(repeating: pattern, count: 6))
        }
    }
}
