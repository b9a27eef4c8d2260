import Testing

@testable import Client

struct AWSSettingsTests {
    private let files = [
        "/home/ada/.aws/credentials": """
        [default]
        aws_access_key_id = FILEDEFAULT
        aws_secret_access_key = secret/default=
        ; a comment
        [work]
        aws_access_key_id=FILEWORK
        aws_secret_access_key=work # not the secret
        aws_session_token=token
        """,
        "/home/ada/.aws/config": """
        [default]
        region = eu-west-1
        [profile work]
        region = eu-central-1
        s3 =
          max_concurrent_requests = 20
          region = nested
        [profile tool]
        credential_process = printf '{"Version":1,"AccessKeyId":"P","SecretAccessKey":"Q"}'
        [profile broken]
        credential_process = exit 3
        [profile role]
        role_arn = arn:aws:iam::000000000000:role/x
        source_profile = default
        [profile here]
        endpoint_url = http://127.0.0.1:9000
        """,
    ]

    private func settings(
        _ environment: [String: String] = [:], profile: String? = nil
    ) -> AWSSettings {
        AWSSettings(
            environment: ["HOME": "/home/ada"].merging(environment) { $1 }, profile: profile
        ) { files[$0] }
    }

    @Test func theEnvironmentGoesBeforeFiles() throws {
        let settings = settings([
            "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
            "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-1",
        ])
        #expect(
            try settings.source()
                == .keys(
                    ServiceCredentials(
                        accessKeyID: "ENV", secretAccessKey: "s", sessionToken: "t")))
        #expect(settings.region == "us-west-2")
    }

    @Test func aProfileThatIsNamedGoesBeforeTheEnvironment() throws {
        let settings = settings(
            [
                "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s",
                "AWS_REGION": "us-west-2",
            ], profile: "work")
        #expect(
            try settings.source()
                == .keys(
                    ServiceCredentials(
                        accessKeyID: "FILEWORK", secretAccessKey: "work", sessionToken: "token")))
        #expect(settings.region == "eu-central-1")
    }

    @Test func filesAndTheirPlaces() throws {
        #expect(
            try settings().source()
                == .keys(
                    ServiceCredentials(
                        accessKeyID: "FILEDEFAULT", secretAccessKey: "secret/default=")))
        #expect(settings().region == "eu-west-1")
        #expect(settings(["AWS_PROFILE": "here"]).endpoint == "http://127.0.0.1:9000")
        let other = AWSSettings(
            environment: ["HOME": "/home/ada", "AWS_SHARED_CREDENTIALS_FILE": "~/keys"],
            profile: nil
        ) {
            $0 == "/home/ada/keys" ? "[default]\naws_access_key_id=K\naws_secret_access_key=S" : nil
        }
        #expect(
            try other.source()
                == .keys(ServiceCredentials(accessKeyID: "K", secretAccessKey: "S")))
    }

    @Test func endpoints() {
        #expect(settings().endpoint == nil)
        let both = [
            "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_DYNAMODB": "http://b",
        ]
        #expect(settings(both).endpoint == "http://b")
        #expect(settings(["AWS_ENDPOINT_URL": "http://a"]).endpoint == "http://a")
        #expect(settings(["AWS_ENDPOINT_URL": ""]).endpoint == nil)
    }

    @Test func endpointsOfServices() {
        let files = [
            "/home/ada/.aws/config": """
            [profile here]
            services = mine
            endpoint_url = http://all
            [services mine]
            dynamodb =
              endpoint_url = http://tables # of mine
            s3 =
              endpoint_url = http://objects
            [plugins]
            endpoint_url = http://none
            """
        ]
        func settings(_ environment: [String: String]) -> AWSSettings {
            AWSSettings(
                environment: ["HOME": "/home/ada", "AWS_PROFILE": "here"].merging(environment) {
                    $1
                },
                profile: nil
            ) { files[$0] }
        }
        #expect(settings([:]).endpoint == "http://tables")
        #expect(settings([:]).endpoint(of: "s3") == "http://objects")
        #expect(settings([:]).endpoint(of: "sts") == "http://all")
        #expect(settings(["AWS_ENDPOINT_URL": "http://a"]).endpoint == "http://a")
        #expect(settings(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"]).endpoint == nil)
    }

    @Test func processesPrintCredentials() async throws {
        let found = try await settings(profile: "tool").credentials(looksOutside: false)
        #expect(found == ServiceCredentials(accessKeyID: "P", secretAccessKey: "Q"))
        await #expect(throws: CredentialsFault.self) {
            try await settings(profile: "broken").credentials(looksOutside: false)
        }
    }

    @Test func whatCannotBeFollowedIsRefused() {
        #expect(throws: CredentialsFault.self) { try settings(profile: "nobody").source() }
    }

    @Test func containersGiveTheirRolesCredentials() async throws {
        let server = try await ScriptedServer { _, asked in
            asked.header("Authorization") == "let me"
                ? .json(200, #"{"AccessKeyId":"C","SecretAccessKey":"S","Token":"T"}"#)
                : .json(403, "{}")
        }
        var environment = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.endpoint)/role",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me",
        ]
        let settings = AWSSettings(environment: environment, profile: nil) { _ in nil }
        #expect(
            try await settings.credentials(looksOutside: true)
                == ServiceCredentials(
                    accessKeyID: "C", secretAccessKey: "S", sessionToken: "T"))
        #expect(try await settings.credentials(looksOutside: false) == nil)
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "other"
        await #expect(throws: CredentialsFault.self) {
            try await AWSSettings(environment: environment, profile: nil) { _ in nil }
                .credentials(looksOutside: true)
        }
    }

    @Test func withoutAnythingThereAreNone() async throws {
        let settings = AWSSettings(
            environment: ["AWS_EC2_METADATA_DISABLED": "true"], profile: nil
        ) { _ in nil }
        #expect(try await settings.credentials(looksOutside: true) == nil)
    }
}
