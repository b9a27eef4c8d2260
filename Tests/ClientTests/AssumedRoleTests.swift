import Testing

@testable import Client

/// Roles by STS, and sign-ons by the access portal, of a server that answers as they do.
struct AssumedRoleTests {
    private static let config = """
        [profile base]
        aws_access_key_id = BASE
        aws_secret_access_key = secret
        [profile role]
        role_arn = arn:aws:iam::111122223333:role/reader
        source_profile = base
        role_session_name = ada
        external_id = a&b
        duration_seconds = 900
        [profile second]
        role_arn = arn:aws:iam::111122223333:role/second
        source_profile = role
        [profile self]
        role_arn = arn:aws:iam::111122223333:role/self
        source_profile = self
        aws_access_key_id = SELF
        aws_secret_access_key = secret
        [profile circle]
        role_arn = arn:aws:iam::111122223333:role/circle
        source_profile = round
        [profile round]
        role_arn = arn:aws:iam::111122223333:role/round
        source_profile = circle
        [profile from-environment]
        role_arn = arn:aws:iam::111122223333:role/reader
        credential_source = Environment
        [profile token]
        role_arn = arn:aws:iam::111122223333:role/token
        web_identity_token_file = /token
        [profile no-token]
        role_arn = arn:aws:iam::111122223333:role/token
        web_identity_token_file = /nowhere
        [profile no-source]
        role_arn = arn:aws:iam::111122223333:role/reader
        [profile lost-source]
        role_arn = arn:aws:iam::111122223333:role/reader
        source_profile = nobody
        [profile empty]
        region = eu-west-1
        [profile empty-source]
        role_arn = arn:aws:iam::111122223333:role/reader
        source_profile = empty
        [profile code]
        role_arn = arn:aws:iam::111122223333:role/reader
        source_profile = base
        mfa_serial = arn:aws:iam::111122223333:mfa/ada
        [profile sso]
        sso_session = corp
        sso_account_id = 111122223333
        sso_role_name = Power User
        [profile sso-old]
        sso_start_url = https://corp.awsapps.com/start
        sso_region = eu-west-1
        sso_account_id = 111122223333
        sso_role_name = Reader
        [profile sso-lost]
        sso_session = elsewhere
        sso_account_id = 111122223333
        sso_role_name = Reader
        [profile sso-short]
        sso_session = corp
        [sso-session corp]
        sso_start_url = https://corp.awsapps.com/start
        sso_region = eu-west-1
        """
    /// After the SHA-1 of `corp`, and of the start URL.
    private static let sessionFile =
        "/home/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
    private static let oldFile =
        "/home/.aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json"

    private static func settings(
        _ profile: String?, _ server: ScriptedServer? = nil, _ environment: [String: String] = [:],
        files: [String: String] = [:]
    ) -> AWSSettings {
        var all = ["HOME": "/home", "AWS_REGION": "eu-west-1"]
        if let server {
            all["AWS_ENDPOINT_URL_STS"] = server.endpoint
            all["AWS_ENDPOINT_URL_SSO"] = server.endpoint
        }
        let known = files.merging(["/home/.aws/config": config, "/token": "tok\nen\n"]) { $1 }
        return AWSSettings(environment: all.merging(environment) { $1 }, profile: profile) {
            known[$0]
        }
    }

    /// STS: gives keys named after the last word of the role, to whoever asks.
    private static func tokenService() async throws -> ScriptedServer {
        try await ScriptedServer { _, asked in
            let fields = asked.text.split(separator: "&").map(String.init)
            let arn = fields.first { $0.hasPrefix("RoleArn=") } ?? ""
            let action = fields.first { $0.hasPrefix("Action=") }?.dropFirst(7) ?? ""
            let role = arn.split(separator: "F").last ?? ""
            return .json(
                200,
                """
                <\(action)Response><\(action)Result><Credentials><AccessKeyId>\(role)</AccessKeyId>\
                <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>\
                </\(action)Result></\(action)Response>
                """)
        }
    }

    @Test func aRoleIsAssumedWithTheSourcesKeys() async throws {
        let server = try await Self.tokenService()
        let found = try await Self.settings("role", server).credentials(looksOutside: false)
        #expect(
            found
                == ServiceCredentials(
                    accessKeyID: "reader", secretAccessKey: "s", sessionToken: "t"))
        let asked = try #require(server.asked.first)
        #expect(
            asked.text
                == "Action=AssumeRole&Version=2011-06-15"
                + "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Freader"
                + "&RoleSessionName=ada&DurationSeconds=900&ExternalId=a%26b")
        let signature = asked.header("Authorization") ?? ""
        #expect(signature.contains("Credential=BASE/"))
        #expect(signature.contains("/eu-west-1/sts/aws4_request"))
    }

    @Test func rolesAreChained() async throws {
        let server = try await Self.tokenService()
        let found = try await Self.settings("second", server).credentials(looksOutside: true)
        #expect(found?.accessKeyID == "second")
        #expect(server.asked.count == 2)
        #expect(server.asked.last?.header("Authorization")?.contains("Credential=reader/") == true)
        #expect(server.asked.last?.header("X-Amz-Security-Token") == "t")
        #expect(server.asked.last?.text.contains("RoleSessionName=basalt-") == true)
        let own = try await Self.settings("self", server).credentials(looksOutside: true)
        #expect(own?.accessKeyID == "self")
        #expect(server.asked.last?.header("Authorization")?.contains("Credential=SELF/") == true)
    }

    @Test func aRoleIsAssumedWithTheEnvironmentsKeys() async throws {
        let server = try await Self.tokenService()
        let keys = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"]
        let found = try await Self.settings("from-environment", server, keys)
            .credentials(looksOutside: true)
        #expect(found?.accessKeyID == "reader")
        #expect(server.asked.last?.header("Authorization")?.contains("Credential=ENV/") == true)
        // Without --profile the environment's keys are what counts.
        let bare = try await Self.settings(
            nil, server, keys.merging(["AWS_PROFILE": "role"]) { $1 }
        ).credentials(looksOutside: true)
        #expect(bare?.accessKeyID == "ENV")
    }

    @Test func aRoleIsAssumedByAToken() async throws {
        let server = try await Self.tokenService()
        #expect(
            try await Self.settings("token", server).credentials(looksOutside: true)?.accessKeyID
                == "token")
        #expect(server.asked.last?.text.contains("&WebIdentityToken=token") == true)
        #expect(server.asked.last?.header("Authorization") == nil)
        let environment = [
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/job",
            "AWS_ROLE_SESSION_NAME": "job",
        ]
        let found = try await Self.settings(nil, server, environment)
            .credentials(looksOutside: true)
        #expect(found?.accessKeyID == "job")
        #expect(server.asked.last?.text.contains("RoleSessionName=job&") == true)
    }

    @Test func nobodyIsAskedForAServerOfOnesOwn() async throws {
        let server = try await Self.tokenService()
        let settings = Self.settings(nil, server, ["AWS_PROFILE": "role"])
        #expect(try await settings.credentials(looksOutside: false) == nil)
        #expect(server.asked.isEmpty)
        #expect(try await settings.credentials(looksOutside: true)?.accessKeyID == "reader")
    }

    @Test(arguments: [
        ("circle", "leads in a circle"), ("no-source", "neither a source_profile nor"),
        ("lost-source", "'nobody', which is not there"), ("empty-source", "'empty' has no"),
        ("code", "mfa_serial"), ("from-environment", "the environment has not"),
        ("no-token", "/nowhere can't be read"), ("sso-lost", "'elsewhere', which is not there"),
        ("sso-short", "lacks one of"), ("sso", "aws sso login --profile sso"),
    ])
    func faultsSayWhatIsMissing(profile: String, what: String) async throws {
        do {
            _ = try await Self.settings(profile).credentials(looksOutside: true)
            Issue.record("credentials of \(profile)")
        } catch {
            #expect(error.description.contains(what))
        }
    }

    @Test func whatSTSRefusesIsTold() async throws {
        let server = try await ScriptedServer { _, _ in
            .json(
                403,
                """
                <ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error>\
                </ErrorResponse>
                """)
        }
        for profile in ["role", "token"] {
            do {
                _ = try await Self.settings(profile, server).credentials(looksOutside: true)
                Issue.record("credentials of \(profile)")
            } catch {
                #expect(error.description.hasSuffix("can't be assumed: AccessDenied: not you"))
            }
        }
    }

    @Test func signOnsGoByTheCachedToken() async throws {
        let server = try await ScriptedServer { _, asked in
            guard asked.header("x-amz-sso_bearer_token") == "bearer" else {
                return .json(401, #"{"message":"Session token not found or invalid"}"#)
            }
            return .json(
                200,
                #"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t"}}"#
            )
        }
        func found(
            _ profile: String, _ file: String, _ token: String,
            until: String = "2999-01-01T00:00:00Z"
        ) async throws -> ServiceCredentials? {
            let text = #"{"accessToken":"\#(token)","expiresAt":"\#(until)"}"#
            return try await Self.settings(profile, server, files: [file: text])
                .credentials(looksOutside: true)
        }
        let given = ServiceCredentials(
            accessKeyID: "SSO", secretAccessKey: "s", sessionToken: "t")
        #expect(try await found("sso", Self.sessionFile, "bearer") == given)
        #expect(
            server.asked.last?.uri
                == "/federation/credentials?role_name=Power%20User&account_id=111122223333")
        let old = try await found(
            "sso-old", Self.oldFile, "bearer", until: "2999-01-01T00:00:00UTC")
        #expect(old == given)
        let count = server.asked.count
        await #expect(throws: CredentialsFault.self) {
            try await found("sso", Self.sessionFile, "bearer", until: "2020-01-01T00:00:00Z")
        }
        #expect(server.asked.count == count)
        await #expect(throws: CredentialsFault.self) {
            try await found("sso", Self.sessionFile, "other")
        }
    }
}
