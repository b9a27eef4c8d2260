import Client
import Testing

/// Signatures that botocore 1.43 makes of the same requests.
@Suite struct SignatureSignerTests {
    private let time = SigningTime(seconds: 1_440_938_160)

    private func signer(_ service: String, token: String? = nil) -> SignatureSigner {
        SignatureSigner(
            credentials: ServiceCredentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: token),
            region: "us-east-1", service: service)
    }

    private func value(_ headers: [(name: String, value: String)], _ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    @Test func aPathWithEscapesAndAQuery() {
        let headers = signer("lambda").headers(
            method: "GET", path: "/2015-03-31/functions/arn%3Aaws%3Alambda/versions",
            query: [("MaxItems", "10"), ("b", " x/"), ("a", "1")], headers: [("Host", "here:9")],
            body: [], time: time)
        #expect(value(headers, "X-Amz-Date") == "20150830T123600Z")
        #expect(
            value(headers, "Authorization")
                == "AWS4-HMAC-SHA256 "
                + "Credential=AKIDEXAMPLE/20150830/us-east-1/lambda/aws4_request, "
                + "SignedHeaders=host;x-amz-date, "
                + "Signature=1ac38abc6c0da3a41d967af965e790f4f3bc58188037330fde15c7ac6cb329fe")
    }

    @Test func aSessionTokenIsSigned() {
        let headers = signer("sqs", token: "token").headers(
            method: "POST", path: "/",
            headers: [
                ("Host", "here"), ("Content-Type", "application/x-amz-json-1.0"),
                ("X-Amz-Target", "AmazonSQS.SendMessage"),
            ], body: Array("{}".utf8), time: time)
        #expect(value(headers, "X-Amz-Security-Token") == "token")
        #expect(
            value(headers, "Authorization")?.hasSuffix(
                "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
                    + "Signature=a750a50ef20968ba3c1a7904322883aaa761353eb10669bd884ef9d818003a5d")
                == true)
    }

    @Test func pathsOfBucketsAreEscapedOnce() {
        let headers = signer("s3").headers(
            method: "PUT", path: "/bucket/a%20b%2Bc//d", headers: [("Host", "here")],
            body: Array("hello".utf8), time: time)
        #expect(
            value(headers, "X-Amz-Content-Sha256")
                == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        #expect(
            value(headers, "Authorization")?.hasSuffix(
                "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                    + "Signature=92f07408a019022cc70bdf5079c2d7962b2ca7990ee676f61148b09039cf449d")
                == true)
    }
}
