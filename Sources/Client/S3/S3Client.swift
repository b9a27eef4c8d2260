package import Operations
package import Wire

/// Calls buckets, by paths (`/bucket/key`): S3 itself, or what speaks its protocol.
package struct S3Client: Sendable {
    /// Larger objects are not read, in bytes: as large as a function's code may be.
    package static let objectBytesMax = 250 << 20

    private let client: ServiceClient

    package init(_ client: ServiceClient) {
        self.client = client
    }

    // MARK: Objects

    /// Puts an object.
    package func put(
        _ body: [UInt8], bucket: String, key: String,
        contentType: String = "application/octet-stream"
    ) async throws(ServiceError) {
        _ = try await send(
            "PUT", bucket: bucket, key: key, body: body, contentType: contentType)
    }

    package func delete(bucket: String, key: String) async throws(ServiceError) {
        _ = try await send("DELETE", bucket: bucket, key: key)
    }

    // MARK: Buckets

    /// Makes a bucket in the client's region.
    ///
    /// - Throws: `BucketAlreadyOwnedByYou` where there is one, except in us-east-1.
    package func createBucket(_ bucket: String) async throws(ServiceError) {
        var body = ""
        if client.region != "us-east-1" {
            body =
                "<CreateBucketConfiguration xmlns=\"\(Self.namespace)\"><LocationConstraint>"
                + XMLElement.escaped(client.region)
                + "</LocationConstraint></CreateBucketConfiguration>"
        }
        _ = try await send(
            "PUT", bucket: bucket, body: Array(body.utf8), contentType: "application/xml")
    }

    /// Whether there is a bucket that answers to the credentials.
    package func hasBucket(_ bucket: String) async throws(ServiceError) -> Bool {
        do throws(ServiceError) {
            _ = try await send("HEAD", bucket: bucket)
            return true
        } catch {
            guard error.status == 404 else { throw error }
            return false
        }
    }

    package func deleteBucket(_ bucket: String) async throws(ServiceError) {
        _ = try await send("DELETE", bucket: bucket)
    }

    /// Sets who is told of a bucket's changes, in place of all who were.
    ///
    /// - Parameter configuration: as PutBucketNotificationConfiguration has it in JSON:
    ///   QueueConfigurations, TopicConfigurations, LambdaFunctionConfigurations.
    package func putNotificationConfiguration(
        _ configuration: JSONValue, bucket: String
    ) async throws(ServiceError) {
        let xml = NotificationConfiguration.xml(configuration, namespace: Self.namespace)
        _ = try await send(
            "PUT", bucket: bucket, query: [("notification", "")], body: Array(xml.utf8),
            contentType: "application/xml")
    }

    // MARK: Requests

    private static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    private func send(
        _ method: String, bucket: String, key: String = "",
        query: [(name: String, value: String)] = [], body: [UInt8] = [],
        contentType: String? = nil, region: String? = nil, responseBytesMax: Int? = nil
    ) async throws(ServiceError) -> ServiceResponse {
        var path = "/\(PercentText.encoded(bucket))"
        if !key.isEmpty { path += "/\(PercentText.encoded(key, keeping: "/"))" }
        var request = ServiceRequest(
            .s3, method: method, path: path, query: query, body: body, timeout: 300)
        if let contentType, !body.isEmpty {
            request.headers.append(("Content-Type", contentType))
        }
        request.region = region
        if let responseBytesMax { request.responseBytesMax = responseBytesMax }
        return try await client.send(request)
    }
}

extension S3Client: ObjectReader {
    package func object(
        bucket: String, key: String, version: String?, region: String
    ) async throws(ServiceError) -> [UInt8] {
        try await send(
            "GET", bucket: bucket, key: key, query: version.map { [("versionId", $0)] } ?? [],
            region: region, responseBytesMax: Self.objectBytesMax
        ).body
    }
}
