import Foundation
import Functions
import Testing
import Wire

@Suite("Functions in Node.js") struct NodeTests {
    @Test(
        "handlers of every form answer",
        arguments: [
            ("index.js", "exports.handler = async (event) => ({ n: event.n + 1 });"),
            ("index.js", "exports.handler = (event) => Promise.resolve({ n: event.n + 1 });"),
            (
                "index.js",
                "exports.handler = (event, context, done) => done(null, { n: event.n + 1 });"
            ),
            (
                "index.js",
                "exports.handler = (event, context, done) => { setTimeout(() => done(null, { n: event.n + 1 }), 5); };"
            ),
            (
                "index.js",
                "exports.handler = (event, context) => { context.succeed({ n: event.n + 1 }); };"
            ),
            ("index.mjs", "export const handler = async (event) => ({ n: event.n + 1 });"),
            ("index.cjs", "module.exports.handler = async (event) => ({ n: event.n + 1 });"),
        ])
    func forms(file: String, source: String) async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.node(source, file: file)
            for n in 1...3 {
                let result = try await harness.invoke(function, #"{"n":\#(n)}"#)
                #expect(result.functionError == nil)
                #expect(result.text == #"{"n":\#(n + 1)}"#)
            }
            #expect(harness.log.count("INIT_START") == 1)
        }
    }

    @Test("an ES module by package.json, in a directory, with layers") func modules() async throws {
        try await FunctionHarness.with { harness in
            try harness.write("orders/package.json", #"{"type":"module"}"#)
            try harness.write("layers/nodejs/node_modules/shared/index.js", "module.exports = 7;")
            var function = try harness.node(
                """
                import { createRequire } from 'node:module';
                const shared = createRequire(import.meta.url)('shared');
                export const api = { get: async () => shared };
                """, file: "src/index.js", handler: "src/index.api.get")
            function.layerDirectory = "\(harness.directory)/layers"
            #expect(try await harness.invoke(function).text == "7")
        }
    }

    @Test("errors are told as Lambda tells them") func errors() async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.node(
                """
                exports.handler = async (event) => {
                  if (event.text) throw 'just text';
                  if (event.fail) { const e = new TypeError('no good'); e.code = 5; throw e; }
                  return process.pid;
                };
                """)
            let process = try await harness.answer(function)
            let error = try await harness.answer(function, #"{"fail":1}"#, requestID: "id")
            #expect(error["errorType"]?.string == "TypeError")
            #expect(error["errorMessage"]?.string == "no good")
            #expect(error["trace"]?.elements?.first?.string == "TypeError: no good")
            let line = harness.log.messages.first { $0.contains("\tERROR\tInvoke Error \t") }
            #expect(line?.contains(#"\tid\t"#.replacing("\\t", with: "\t")) == true)
            #expect(line?.contains(#""code":5"#) == true)
            let text = try await harness.answer(function, #"{"text":1}"#)
            #expect(text["errorType"]?.string == "string")
            #expect(text["errorMessage"]?.string == "just text")
            #expect(try await harness.answer(function) == process)
        }
    }

    @Test(
        "what the runtime refuses",
        arguments: [
            ("missing.handler", "", "Runtime.ImportModuleError"),
            ("index.nothing", "", "Runtime.HandlerNotFound"),
            ("index", "", "Runtime.MalformedHandlerName"),
            ("index.handler", "require('nowhere')", "Runtime.ImportModuleError"),
            ("index.handler", "exports.handler = (", "Runtime.UserCodeSyntaxError"),
            ("index.handler", "throw new RangeError('early')", "RangeError"),
            (
                "index.handler",
                "exports.handler = async () => { const a = {}; a.a = a; return a; }",
                "Runtime.MarshalError"
            ),
            (
                "index.handler",
                "exports.handler = () => { setTimeout(() => { throw new RangeError('late'); }, 1); return new Promise(() => {}); }",
                "RangeError"
            ),
            (
                "index.handler",
                "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise(() => {}); }",
                "Runtime.UnhandledPromiseRejection"
            ),
        ])
    func faults(handler: String, source: String, type: String) async throws {
        try await FunctionHarness.with { harness in
            let function = try harness.node(source, handler: handler)
            let result = try await harness.invoke(function)
            #expect(result.functionError == "Unhandled")
            #expect(result.json?["errorType"]?.string == type)
        }
    }

    @Test("console has Lambda's form, as text and as JSON") func console() async throws {
        try await FunctionHarness.with { harness in
            let source = """
                exports.handler = async (event, context) => {
                  console.log('two\\nlines', { a: 1 });
                  console.warn('careful');
                  return [context.awsRequestId, context.getRemainingTimeInMillis() > 2000,
                          context.memoryLimitInMB, context.functionName];
                };
                """
            let function = try harness.node(source)
            let result = try await harness.invoke(function, requestID: "id")
            #expect(result.text == #"["id",true,"128","orders"]"#)
            let messages = harness.log.messages
            #expect(
                messages.contains {
                    $0.wholeMatch(of: #/[0-9-]+T[0-9:.]+Z\tid\tINFO\ttwo\nlines \{ a: 1 \}/#) != nil
                })
            #expect(messages.contains { $0.hasSuffix("\tid\tWARN\tcareful") })
            let json = try harness.node(source, name: "json") {
                $0.loggingConfig.logFormat = "JSON"
                $0.loggingConfig.applicationLogLevel = "WARN"
            }
            _ = try await harness.invoke(json, requestID: "other")
            let records = harness.log.messages.dropFirst(messages.count).map {
                try? JSONValue(parsing: Array($0.utf8))
            }
            let types = records.map { $0?["type"]?.string ?? $0?["message"]?.string }
            #expect(
                types == ["platform.initStart", "platform.start", "careful", "platform.report"])
            #expect(records[2]?["level"]?.string == "WARN")
            #expect(records[2]?["requestId"]?.string == "other")
            #expect(records[3]?["record"]?["status"]?.string == "success")
            #expect(records[3]?["record"]?["metrics"]?["initDurationMs"] != nil)
        }
    }
}
