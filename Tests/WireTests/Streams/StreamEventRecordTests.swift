import Items
import Operations
import Testing
import Wire

/// Records in the form that Lambda hands to functions.
@Suite struct StreamEventRecordTests {
    private func text(_ record: StreamRecord) -> String {
        var writer = JSONWriter()
        writer.streamEventRecord(
            record, eventSourceARN: "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/l")
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func aDeletionByTimeToLiveNamesTheService() {
        let record = StreamRecord(
            eventID: "1", eventName: .remove, awsRegion: "us-east-1",
            approximateCreationDateTime: 1_479_499_740.75,
            keys: ["Id": .number(DecimalNumber(101))],
            newImage: nil, oldImage: ["Id": .number(DecimalNumber(101)), "m": .string("a\"b")],
            sequenceNumber: "111", sizeBytes: 26, streamViewType: .newAndOldImages,
            isTimeToLiveDeletion: true)
        let expected =
            #"{"eventID":"1","eventName":"REMOVE","eventVersion":"1.1","#
            + #""eventSource":"aws:dynamodb","awsRegion":"us-east-1","dynamodb":{"#
            + #""ApproximateCreationDateTime":1479499740,"Keys":{"Id":{"N":"101"}},"#
            + #""OldImage":{"Id":{"N":"101"},"m":{"S":"a\"b"}},"SequenceNumber":"111","#
            + #""SizeBytes":26,"StreamViewType":"NEW_AND_OLD_IMAGES"},"#
            + #""userIdentity":{"principalId":"dynamodb.amazonaws.com","type":"Service"},"#
            + #""eventSourceARN":"arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/l"}"#
        #expect(text(record) == expected)
    }

    @Test func aTimeThatIsNoneIsZero() {
        let record = StreamRecord(
            eventID: "1", eventName: .insert, awsRegion: "r", approximateCreationDateTime: .nan,
            keys: [:], newImage: [:], oldImage: nil, sequenceNumber: "1", sizeBytes: 0,
            streamViewType: .newImage)
        #expect(text(record).contains(#""ApproximateCreationDateTime":0,"#))
        #expect(text(record).contains(#""NewImage":{},"#))
    }
}
