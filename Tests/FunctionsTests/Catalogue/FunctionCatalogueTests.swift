import Client
import Foundation
import Logging
import Operations
import Storage
import TestSupport
import Testing
import Wire

@testable import Functions

/// Functions through the API, in a store of a test's own.
final class CatalogueHarness {
    let store: RocksStore
    let clock = HandClock(1_790_000_000)
    let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("functions-\(UUID().uuidString)").path
    private(set) var catalogue: FunctionCatalogue
    private(set) var api: LambdaAPI

    init() throws {
        store = try RocksStore.open(
            StoreOptions(
                path: directory + ".store", inMemory: true, durability: .none,
                cacheByteCount: 4 << 20))
        catalogue = try Self.open(store, clock, directory)
        api = LambdaAPI(catalogue: catalogue, invoker: nil, events: nil)
    }

    deinit {
        store.close()
        FileBytes.remove(directory)
    }

    private static func open(
        _ store: RocksStore, _ clock: HandClock, _ directory: String
    ) throws -> FunctionCatalogue {
        try FunctionCatalogue(
            store: store,
            environment: FunctionsEnvironment(
                accountID: "000000000000", defaultRegion: "us-east-1", clock: clock,
                directory: directory, endpoint: { "http://127.0.0.1:8000" },
                outside: OutsideEndpoints(), logger: Logger(label: "test")))
    }

    /// Opens what is kept anew.
    func restart() throws {
        catalogue = try Self.open(store, clock, directory)
        api = LambdaAPI(catalogue: catalogue, invoker: nil, events: nil)
    }

    func call(
        _ method: String, _ path: String, _ body: String = "",
        query: [(name: String, value: String)] = [], region: String = "us-east-1"
    ) async -> (status: Int, body: JSONValue) {
        let request = RESTRequest(
            method: method, path: path, query: query, body: Array(body.utf8),
            context: RequestContext(region: region))
        let response = await withCheckedContinuation { continuation in
            api.handle(request) { continuation.resume(returning: $0) }
        }
        return (response.status, (try? JSONValue(parsing: response.body)) ?? .null)
    }

    static let functions = "/2015-03-31/functions"

    static func create(_ name: String, source: String = "pass", more: String = "") -> String {
        let zip = Base64.encoded(ZipBuilder([("app.py", source)]).bytes)
        return #"{"FunctionName":"\#(name)","Runtime":"python3.12","Handler":"app.handler","#
            + #""Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":"\#(zip)"}\#(more)}"#
    }
}

/// The catalogue: what resolves, what is kept, what changes a revision.
@Suite("The catalogue of functions")
struct FunctionCatalogueTests {
    private let functions = CatalogueHarness.functions

    private func resolve(
        _ harness: CatalogueHarness, _ name: String, _ qualifier: String? = nil,
        region: String = "us-east-1"
    ) throws -> ResolvedFunction {
        try harness.catalogue.resolve(name, qualifier: qualifier, region: region)
    }

    private func message(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ServiceError)?.message
        }
    }

    @Test("what a name resolves to")
    func resolving() async throws {
        let harness = try CatalogueHarness()
        let more = #","Publish":true,"Timeout":9"#
        #expect(
            await harness.call("POST", functions, CatalogueHarness.create("f", more: more)).status
                == 201)
        let latest = try resolve(harness, "f")
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
        #expect(latest.functionArn == arn && latest.invokedArn == arn)
        #expect(latest.configuration.version == "$LATEST")
        let code = FileBytes.read(latest.codeDirectory + "/app.py", max: 100)
        #expect(code == Array("pass".utf8))
        let first = try resolve(harness, arn + ":1")
        #expect(first.configuration.version == "1" && first.invokedArn == arn + ":1")
        #expect(first.functionArn == arn)
        #expect(
            message { _ = try resolve(harness, "g") } == "Function not found: \(arn.dropLast())g")
        #expect(message { _ = try resolve(harness, "f", "2") } == "Function not found: \(arn):2")
        #expect(message { _ = try resolve(harness, "f", "x") } == "Function not found: \(arn):x")
        #expect(
            message { _ = try resolve(harness, "f:1", "2") }
                == "The derived qualifier from the function name does not match the specified "
                + "qualifier.")
        #expect(
            message { _ = try resolve(harness, arn, region: "eu-west-1") }
                == "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')")
        #expect(message { _ = try resolve(harness, "f", region: "eu-west-1") } != nil)
    }

    @Test("an alias of two versions sends to each its share")
    func weights() {
        var alias = FunctionAlias(name: "live", functionVersion: "1", revisionId: "")
        #expect(FunctionCatalogue.version(of: alias, draw: 0.999) == "1")
        alias.weights = ["2": 0.25]
        #expect(FunctionCatalogue.version(of: alias, draw: 0) == "2")
        #expect(FunctionCatalogue.version(of: alias, draw: 0.2499) == "2")
        #expect(FunctionCatalogue.version(of: alias, draw: 0.25) == "1")
    }

    @Test("everything is there again after a restart")
    func restart() async throws {
        let harness = try CatalogueHarness()
        _ = await harness.call("POST", functions, CatalogueHarness.create("f"))
        _ = await harness.call("POST", functions, CatalogueHarness.create("g"))
        for timeout in 4...6 {
            _ = await harness.call(
                "PUT", "\(functions)/f/configuration", #"{"Timeout":\#(timeout)}"#)
            _ = await harness.call("POST", "\(functions)/f/versions")
        }
        _ = await harness.call("DELETE", "\(functions)/f", query: [("Qualifier", "2")])
        _ = await harness.call(
            "POST", "\(functions)/f/aliases", #"{"Name":"live","FunctionVersion":"3"}"#)
        _ = await harness.call("DELETE", "\(functions)/g")
        let before = harness.catalogue.snapshot
        FileBytes.remove(try resolve(harness, "f").codeDirectory)
        try harness.restart()
        #expect(harness.catalogue.snapshot.functions == before.functions)
        #expect(before.functions.values.first?.versions.keys.sorted() == [1, 3])
        #expect(try resolve(harness, "f", "live").configuration.timeout == 6)
        // What was unpacked and is gone is unpacked again.
        #expect(FileBytes.isDirectory(try resolve(harness, "f").codeDirectory))
        let (_, published) = await harness.call("POST", "\(functions)/f/versions")
        #expect(published["Version"] == .string("3"))
    }

    @Test("a number is never given to another version")
    func numbers() async throws {
        let harness = try CatalogueHarness()
        _ = await harness.call(
            "POST", functions, CatalogueHarness.create("f", more: #","Publish":true"#))
        _ = await harness.call("DELETE", "\(functions)/f", query: [("Qualifier", "1")])
        let (_, again) = await harness.call("POST", "\(functions)/f/versions")
        #expect(again["Version"] == .string("2"))
    }

    @Test("each change of code or configuration gives another revision; a look doesn't")
    func revisions() async throws {
        let harness = try CatalogueHarness()
        _ = await harness.call("POST", functions, CatalogueHarness.create("f"))
        var seen = [try resolve(harness, "f").configuration.revisionId]
        _ = await harness.call("GET", "\(functions)/f")
        _ = await harness.call(
            "PUT", "/2017-10-31/functions/f/concurrency",
            #"{"ReservedConcurrentExecutions":1}"#)
        #expect(try resolve(harness, "f").configuration.revisionId == seen[0])
        #expect(try resolve(harness, "f").reservedConcurrency == 1)
        #expect(try resolve(harness, "f").regionReservations == 1)
        _ = await harness.call("PUT", "\(functions)/f/configuration", #"{"MemorySize":512}"#)
        seen.append(try resolve(harness, "f").configuration.revisionId)
        let zip = Base64.encoded(ZipBuilder([("app.py", "two")]).bytes)
        _ = await harness.call("PUT", "\(functions)/f/code", #"{"ZipFile":"\#(zip)"}"#)
        seen.append(try resolve(harness, "f").configuration.revisionId)
        #expect(Set(seen).count == 3)
        // The old code goes on being there for those who run it.
        let root = try resolve(harness, "f").codeDirectory
        #expect(FileBytes.read(root + "/app.py", max: 10) == Array("two".utf8))
    }

    @Test("regions keep functions of the same name apart")
    func regions() async throws {
        let harness = try CatalogueHarness()
        for region in ["us-east-1", "eu-west-1"] {
            let (status, _) = await harness.call(
                "POST", functions, CatalogueHarness.create("f", source: region), region: region)
            #expect(status == 201)
        }
        _ = await harness.call("DELETE", "\(functions)/f", region: "eu-west-1")
        #expect(message { _ = try resolve(harness, "f", region: "eu-west-1") } != nil)
        #expect(try resolve(harness, "f").configuration.region == "us-east-1")
    }

    @Test("bodies that are wrong in any way are refused, and change nothing")
    func refusals() async throws {
        let harness = try CatalogueHarness()
        for body in [
            "", "nope", "[]", "{}", #"{"FunctionName":5}"#, #"{"FunctionName":"f","Code":[]}"#,
            CatalogueHarness.create("f", more: #","Timeout":"x""#),
            CatalogueHarness.create("f", more: #","Layers":["x"]"#),
            CatalogueHarness.create("f", more: #","Tags":{"aws:x":"y"}"#),
            CatalogueHarness.create(String(repeating: "f", count: 65)),
        ] {
            let (status, answer) = await harness.call("POST", functions, body)
            #expect(status == 400, "\(body): \(answer)")
        }
        #expect(harness.catalogue.snapshot.functions.isEmpty)
    }
}
