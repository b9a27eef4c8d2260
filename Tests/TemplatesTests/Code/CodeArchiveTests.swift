import FoundationEssentials
import Testing
import Wire

@testable import Templates

@Suite("Packing code")
struct CodeArchiveTests {
    /// A directory that is removed when the work is done.
    private func inDirectory(_ work: (String) async throws -> Void) async throws {
        let path =
            FileManager.default.temporaryDirectory.path
            + "/code-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await work(path)
    }

    private func write(_ text: String, _ path: String) throws {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: "/" + folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// The names in a zip's directory, with the modes.
    private func entries(_ zip: [UInt8]) -> [String: UInt16] {
        var found: [String: UInt16] = [:]
        var index = 0
        while index + 46 <= zip.count {
            guard Array(zip[index..<index + 4]) == [0x50, 0x4B, 0x01, 0x02] else {
                index += 1
                continue
            }
            let count = Int(zip[index + 28]) | Int(zip[index + 29]) << 8
            let name = String(decoding: zip[index + 46..<index + 46 + count], as: UTF8.self)
            found[name] = UInt16(zip[index + 40]) | UInt16(zip[index + 41]) << 8
            index += 46 + count
        }
        return found
    }

    @Test func theSameFilesGiveTheSameZip() async throws {
        try await inDirectory { path in
            try write("b", path + "/src/b.py")
            try write("a", path + "/src/a.py")
            try write("x", path + "/src/__pycache__/a.pyc")
            let first = try await CodeArchive.packed(path: path + "/src")
            try write("a", path + "/again/a.py")
            try write("b", path + "/again/b.py")
            let second = try await CodeArchive.packed(path: path + "/again")
            #expect(first.bytes == second.bytes)
            #expect(first.digest == second.digest)
            try write("c", path + "/again/b.py")
            let third = try await CodeArchive.packed(path: path + "/again")
            #expect(third.digest != first.digest)
        }
    }

    @Test func modesAndLinksAreKept() async throws {
        try await inDirectory { path in
            try write("#!/bin/sh\n", path + "/src/bootstrap")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o750], ofItemAtPath: path + "/src/bootstrap")
            try write("data", path + "/src/lib/deep/data.txt")
            try write("secret", path + "/outside.txt")
            try FileManager.default.createSymbolicLink(
                atPath: path + "/src/link", withDestinationPath: "lib/deep/data.txt")
            try FileManager.default.createSymbolicLink(
                atPath: path + "/src/lib/out", withDestinationPath: "../../outside.txt")
            let zip = try await CodeArchive.packed(path: path + "/src")
            #expect(
                entries(zip.bytes) == [
                    "bootstrap": 0o100755, "lib/deep/data.txt": 0o100644, "link": 0o120777,
                    // A link that leads out is what it leads to.
                    "lib/out": 0o100644,
                ])
        }
    }

    @Test func missingPackagesAreTold() async throws {
        try await inDirectory { path in
            try write("requests>=2\nboto3\n", path + "/requirements.txt")
            try write("import requests\n", path + "/app.py")
            let notes = try await CodeArchive.packed(path: path).notes
            #expect(notes.count == 1 && notes[0].contains("requirements.txt isn't installed"))
            try write("", path + "/requests/__init__.py")
            #expect(try await CodeArchive.packed(path: path).notes.isEmpty)
        }
    }

    @Test func zipsAreTakenAsTheyAre() async throws {
        try await inDirectory { path in
            var writer = ZipWriter()
            let isAdded = writer.add("a.txt", mode: 0o100644, Array("hello hello hello".utf8))
            #expect(isAdded)
            let zip = try #require(writer.finished())
            try Data(zip).write(to: URL(filePath: path + "/code.zip"))
            #expect(try await CodeArchive.packed(path: path + "/code.zip").bytes == zip)
            try write("alone", path + "/app.py")
            let one = try await CodeArchive.packed(path: path + "/app.py")
            #expect(Array(entries(one.bytes).keys) == ["app.py"])
        }
    }

    @Test func whatIsNotThereIsNamed() async {
        let error = await #expect(throws: TemplateError.self) {
            try await CodeArchive.packed(path: "/nowhere/at/all")
        }
        #expect(error?.message == "/nowhere/at/all: No such file or directory")
    }

    @Test func inlineCodeIsTheFileThatTheRuntimeLooksFor() throws {
        let python = try CodeArchive.inline("x = 1", runtime: "python3.12")
        let node = try CodeArchive.inline("x = 1", runtime: "nodejs22.x")
        #expect(Array(entries(python.bytes).keys) == ["index.py"])
        #expect(Array(entries(node.bytes).keys) == ["index.js"])
    }
}
