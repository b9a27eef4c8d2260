package import Operations

extension OutsideEndpoints {
    /// The code of errors that an endpoint which isn't configured gives.
    package static let notConfigured = "EndpointNotConfigured"

    private func client(
        _ endpoint: String?, flag: String, region: String, retries: RetryPolicy
    ) throws(ServiceError) -> ServiceClient {
        guard let endpoint else {
            throw ServiceError(
                Self.notConfigured, "no \(flag) is configured", namespace: .rest)
        }
        let credentials = ServiceCredentials(
            accessKeyID: accessKeyID, secretAccessKey: secretAccessKey,
            sessionToken: sessionToken)
        return ServiceClient(
            endpoint: endpoint, region: region, credentials: credentials, retries: retries)
    }

    /// - Throws: EndpointNotConfigured, with the flag that would.
    package func queues(
        region: String, retries: RetryPolicy = .standard
    ) throws(ServiceError) -> SQSClient {
        SQSClient(try client(sqs, flag: "--sqs-endpoint", region: region, retries: retries))
    }

    /// - Throws: EndpointNotConfigured, with the flag that would.
    package func topics(
        region: String, retries: RetryPolicy = .standard
    ) throws(ServiceError) -> SNSClient {
        SNSClient(try client(sns, flag: "--sns-endpoint", region: region, retries: retries))
    }

    /// - Throws: EndpointNotConfigured, with the flag that would.
    package func buckets(
        region: String, retries: RetryPolicy = .standard
    ) throws(ServiceError) -> S3Client {
        S3Client(try client(s3, flag: "--s3-endpoint", region: region, retries: retries))
    }
}
