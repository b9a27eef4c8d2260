/// Where queues, topics and buckets are, and with what requests to them are signed.
package struct OutsideEndpoints: Sendable, Hashable {
    /// `http://127.0.0.1:5000`, without a path; nil: there is none.
    package var sqs: String?
    package var sns: String?
    package var s3: String?
    package var accessKeyID: String
    package var secretAccessKey: String
    package var sessionToken: String?

    package init(
        sqs: String? = nil, sns: String? = nil, s3: String? = nil, accessKeyID: String = "basalt",
        secretAccessKey: String = "basalt", sessionToken: String? = nil
    ) {
        self.sqs = sqs
        self.sns = sns
        self.s3 = s3
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}
