internal import Crypto
internal import Items
internal import Operations
internal import Wire

/// The manifests of an export to S3, in the service's own layout.
struct S3Manifest {
    let directory: String
    let exportID: String
    let table: TransferTable
    let plan: ExportPlan

    private var prefix: String { "AWSDynamoDB/\(exportID)" }

    /// Writes the manifest of the files, then the summary, whose presence means completeness.
    func write(_ checkpoint: ExportCheckpoint) throws(TransferError) {
        var lines: [UInt8] = []
        for file in checkpoint.files {
            let key = "\(prefix)/data/\(file.name)"
            let digest = try FileDigest.md5(FilePath.joined(directory, key))
            let line = JSONValue.object([
                ("itemCount", .number(String(file.items))),
                ("md5Checksum", .string(Base64.encoded(digest))),
                ("etag", .string(FileDigest.hexadecimal(digest) + "-1")),
                ("dataFileS3Key", .string(key)),
            ])
            lines += line.encoded + [UInt8(ascii: "\n")]
        }
        try write(lines, as: "manifest-files")
        try write(summary(checkpoint).encoded, as: "manifest-summary")
    }

    private func summary(_ checkpoint: ExportCheckpoint) -> JSONValue {
        let start = JSONValue.string(TimeText.iso8601(checkpoint.startTime))
        return .object([
            ("version", .string("2020-06-30")),
            ("exportArn", .string("\(table.arn)/export/\(exportID)")),
            ("startTime", start),
            ("endTime", .string(TimeText.iso8601(Seconds.sinceEpoch()))),
            ("tableArn", .string(table.arn)),
            ("tableId", table.description["TableId"] ?? .null),
            ("exportTime", start),
            ("s3Bucket", .string(FilePath.name(directory))),
            ("s3Prefix", .null),
            ("s3SseAlgorithm", .string("AES256")),
            ("s3SseKmsKeyId", .null),
            ("manifestFilesS3Key", .string("\(prefix)/manifest-files.json")),
            ("billedSizeBytes", .number(String(checkpoint.itemBytes))),
            ("itemCount", .number(String(checkpoint.items))),
            ("outputFormat", .string("DYNAMODB_JSON")),
            ("exportType", .string("FULL_EXPORT")),
        ])
    }

    private func write(_ bytes: [UInt8], as name: String) throws(TransferError) {
        let path = FilePath.joined(directory, "\(prefix)/\(name)")
        let digest = FileDigest.md5(bytes)
        try FilePath.write(Array(Base64.encoded(digest).utf8), to: path + ".md5")
        try FilePath.write(bytes, to: path + ".json")
    }
}

/// MD5 of files, as the service's manifests have it.
enum FileDigest {
    static func md5(_ path: String) throws(TransferError) -> [UInt8] {
        let file = try FileDescriptor.reading(path)
        var hash = Insecure.MD5()
        while true {
            let bytes = try file.read(1 << 18)
            if bytes.isEmpty { return Array(hash.finalize()) }
            hash.update(data: bytes)
        }
    }

    static func md5(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
