import Foundation
import Operations
import TestSupport
import Testing
import Wire

@testable import Functions

/// Zips: what is unpacked, what is refused, and what never happens.
@Suite("Code from zips")
struct CodeStoreTests {
    private let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("code-\(UUID().uuidString)").path

    private func withStore(_ body: (CodeStore) throws -> Void) throws {
        defer { FileBytes.remove(directory) }
        try body(CodeStore(directory: directory))
    }

    private func text(_ path: String) -> String? {
        FileBytes.read(path, max: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    private func message(_ body: () throws(ServiceError) -> Void) -> String? {
        do throws(ServiceError) {
            try body()
            return nil
        } catch {
            return error.message
        }
    }

    @Test("files, directories and modes")
    func files() throws {
        try withStore { store in
            var zip = ZipBuilder([("app.py", "pass"), ("a/b/c.txt", "deep"), ("empty/", "")])
            zip.files.append(.init(name: "bootstrap", content: Array("#!".utf8), mode: 0o100755))
            zip.prefix = Array("#!/usr/bin/env python\n".utf8)
            zip.comment = Array("comment".utf8)
            let stored = try store.keepCode(zip.bytes)
            let root = store.codeDirectory(stored.sha256)
            #expect(text(root + "/app.py") == "pass")
            #expect(text(root + "/a/b/c.txt") == "deep")
            #expect(FileBytes.isDirectory(root + "/empty"))
            #expect(try mode(root + "/bootstrap") == 0o755)
            #expect(try mode(root + "/app.py") == 0o644)
            #expect(store.zip(stored.sha256) == zip.bytes)
            #expect(stored.byteCount == zip.bytes.count)
        }
    }

    @Test("deflated content")
    func deflated() throws {
        let base64 =
            "UEsDBBQAAAAIAAAAIVzCuxffFQAAAHgFAAAIAAAAdGV4dC50eHRLSixOzClRSBqlRqlRapQapehD"
            + "AQBQSwECFAMUAAAACAAAACFcwrsX3xUAAAB4BQAACAAAAAAAAAAAAAAA7YEAAAAAdGV4dC50eHRQ"
            + "SwUGAAAAAAEAAQA2AAAAOwAAAAAA"
        let zip = try #require(Base64.decoded(base64))
        try withStore { store in
            let stored = try store.keepCode(zip)
            let path = store.codeDirectory(stored.sha256) + "/text.txt"
            #expect(text(path) == String(repeating: "basalt ", count: 200))
            #expect(try mode(path) == 0o755)
        }
    }

    @Test("links within stay, links that lead out are left out")
    func links() throws {
        try withStore { store in
            var zip = ZipBuilder([("lib/real.txt", "real")])
            for (name, target) in [
                ("lib/link.txt", "real.txt"), ("up", "lib/../lib/real.txt"), ("out", "../out"),
                ("absolute", "/etc/passwd"), ("lib/far", "../../far"),
            ] {
                zip.files.append(.init(name: name, content: Array(target.utf8), mode: 0o120777))
            }
            let root = store.codeDirectory(try store.keepCode(zip.bytes).sha256)
            #expect(text(root + "/lib/link.txt") == "real")
            #expect(text(root + "/up") == "real")
            #expect(Set(FileBytes.names(in: root)) == ["lib", "up"])
            #expect(Set(FileBytes.names(in: root + "/lib")) == ["real.txt", "link.txt"])
        }
    }

    @Test("nothing is written through a link")
    func writesThroughLinks() throws {
        try withStore { store in
            var zip = ZipBuilder()
            zip.files.append(.init(name: "a", content: Array(".".utf8), mode: 0o120777))
            zip.files.append(.init(name: "a/b.txt", content: Array("b".utf8)))
            #expect(message { () throws(ServiceError) in _ = try store.keepCode(zip.bytes) } != nil)
            #expect(FileBytes.names(in: directory + "/code").isEmpty)
            #expect(FileBytes.names(in: directory + "/drafts").isEmpty)
        }
    }

    @Test(
        "names that lead out are refused",
        arguments: ["../x", "/x", "a/../../x", "a/..", "..", "a\0b"])
    func leadingOut(_ name: String) throws {
        try withStore { store in
            let zip = ZipBuilder([(name, "x")]).bytes
            #expect(
                message { () throws(ServiceError) in _ = try store.keepCode(zip) }
                    == ServiceError.badZip.message)
            #expect(FileBytes.names(in: directory + "/zips").isEmpty)
        }
    }

    @Test("damage is found")
    func damage() throws {
        try withStore { store in
            var wrongSum = ZipBuilder([("a", "content")])
            wrongSum.files[0].checksum = 1
            var tooLong = ZipBuilder([("a", "content")])
            tooLong.files[0].claimedByteCount = 3
            var tooShort = ZipBuilder([("a", "content")])
            tooShort.files[0].claimedByteCount = 70
            let whole = ZipBuilder([("a", "content")]).bytes
            for zip in [
                wrongSum.bytes, tooLong.bytes, tooShort.bytes, Array(whole.dropLast(1)),
                Array(whole.dropFirst(8)), Array("PK".utf8),
            ] {
                #expect(
                    message { () throws(ServiceError) in _ = try store.keepCode(zip) }
                        == ServiceError.badZip.message)
            }
            #expect(
                message { () throws(ServiceError) in _ = try store.keepCode([]) }
                    == "Uploaded file must be a non-empty zip")
            #expect(FileBytes.names(in: directory + "/code").isEmpty)
        }
    }

    @Test("what unpacks to too much is refused before it is unpacked")
    func bombs() throws {
        try withStore { store in
            var zip = ZipBuilder([("a", "x")])
            zip.files[0].claimedByteCount = CodeTree.unpackedBytesMax + 1
            #expect(
                message { () throws(ServiceError) in _ = try store.keepCode(zip.bytes) }
                    == "Unzipped size must be smaller than 262144000 bytes")
        }
    }

    @Test("a later layer's file stands in place of an earlier one's")
    func layers() throws {
        try withStore { store in
            let code = try store.keepCode(ZipBuilder([("app.py", "pass")]).bytes)
            let one = try store.keepZip(ZipBuilder([("lib/a", "1"), ("lib/b", "1")]).bytes)
            let two = try store.keepZip(ZipBuilder([("lib/b", "2"), ("bin/c", "2")]).bytes)
            let order = [one.sha256, two.sha256]
            try store.prepare(code: code.sha256, layers: order)
            let root = try #require(store.layerDirectory(order))
            #expect(["lib/a", "lib/b", "bin/c"].map { text(root + "/" + $0) } == ["1", "2", "2"])
            #expect(store.layerDirectory(order.reversed()) != root)
            #expect(store.layerDirectory([]) == nil)
        }
    }

    @Test("what nothing refers to is removed, once no environment can have it")
    func sweeping() throws {
        try withStore { store in
            let kept = try store.keepCode(ZipBuilder([("a", "1")]).bytes)
            let dropped = try store.keepCode(ZipBuilder([("a", "2")]).bytes)
            store.sweep(zips: [kept.sha256], layers: [])
            #expect(store.zip(dropped.sha256) == nil)
            #expect(FileBytes.isDirectory(store.codeDirectory(dropped.sha256)))
            store.sweep(zips: [kept.sha256], layers: [], isStarting: true)
            #expect(!FileBytes.isDirectory(store.codeDirectory(dropped.sha256)))
            #expect(text(store.codeDirectory(kept.sha256) + "/a") == "1")
        }
    }

    @Test("changed bytes never crash, and never write elsewhere")
    func fuzz() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let whole = ZipBuilder([("a/b.txt", "content"), ("c", "more"), ("d/", "")]).bytes
        try withStore { store in
            for _ in 0..<400 {
                var zip = whole
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let place = Int.random(in: 0..<zip.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: zip[place] = UInt8.random(in: 0 ... .max, using: &random)
                    case 1: zip.remove(at: place)
                    default: zip[place] = [0, 0xFF, 0x2F, 0x2E].randomElement(using: &random) ?? 0
                    }
                }
                _ = message { () throws(ServiceError) in _ = try store.keepCode(zip) }
            }
            #expect(
                Set(FileBytes.names(in: directory))
                    == ["zips", "code", "layers", "drafts", "boot"], "seed \(seed)")
            #expect(FileBytes.names(in: directory + "/drafts").isEmpty, "seed \(seed)")
        }
    }
}
