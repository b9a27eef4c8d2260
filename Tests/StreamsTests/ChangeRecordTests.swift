import Items
import Streams
import TestSupport
import Testing

@Suite struct ChangeRecordTests {
    private let keySchema = StreamKeySchema(hash: "pk", range: "sk")
    private let old: ItemBytes = ["pk": .string("a"), "sk": .string("b"), "n": .string("old")]
    private let new: ItemBytes = ["sk": .string("b"), "pk": .string("a"), "n": .string("newer")]
    private let key: ItemBytes = ["pk": .string("a"), "sk": .string("b")]

    @Test(arguments: StreamView.allCases, [true, false])
    func whatIsEncodedIsRead(_ view: StreamView, _ isTimeToLiveDeletion: Bool) throws {
        for (old, new) in [(nil, self.new), (self.old, self.new), (self.old, nil)] {
            let record = try #require(
                ChangeRecord(
                    of: old, to: new, view: view, keySchema: keySchema,
                    milliseconds: 1_795_248_984_062, isTimeToLiveDeletion: isTimeToLiveDeletion))
            let read = try #require(ChangeRecord(encoded: record.encoded))
            #expect(read == record)
            #expect(read.keys(keySchema: keySchema) == key)
            #expect(read.event == (old == nil ? .insert : new == nil ? .remove : .modify))
            #expect(
                read.byteCount(keySchema: keySchema)
                    == key.size + (read.newImage?.size ?? 0) + (read.oldImage?.size ?? 0))
        }
    }

    @Test func noItemMakesNoRecord() {
        #expect(
            ChangeRecord(
                of: nil, to: nil, view: .keysOnly, keySchema: keySchema, milliseconds: 0,
                isTimeToLiveDeletion: false) == nil)
    }

    @Test func damagedBytesAreNoRecord() throws {
        let record = try #require(
            ChangeRecord(
                of: old, to: new, view: .newAndOldImages, keySchema: keySchema, milliseconds: 1,
                isTimeToLiveDeletion: false))
        let bytes = record.encoded
        for count in 0..<bytes.count {
            #expect(ChangeRecord(encoded: Array(bytes[..<count])) == nil)
        }
        #expect(ChangeRecord(encoded: bytes + [0]) == nil)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var damaged = bytes
            let place = Int.random(in: 0..<min(18, bytes.count), using: &generator)
            damaged[place] = UInt8.random(in: .min ... .max, using: &generator)
            // Read or refused, never a crash.
            _ = ChangeRecord(encoded: damaged)
        }
    }
}
