// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of ours: explicit existentials, explicit imports.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "basalt",
    products: [
        .executable(name: "basalt", targets: ["basalt"]),
        .library(name: "BasaltKit", targets: ["BasaltKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // Rooms, bottom-up. The allowed imports are those of docs/architecture; the build flag
        // --explicit-target-dependency-import-check error keeps them.
        .systemLibrary(
            name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CLaunch"),
        .target(
            name: "Items",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(
            name: "Storage", dependencies: ["CRocksDB"],
            swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
        .target(name: "Expressions", dependencies: ["Items"], swiftSettings: strict),
        .target(name: "Operations", dependencies: ["Items"], swiftSettings: strict),
        .target(name: "Streams", dependencies: ["Items", "Storage"], swiftSettings: strict),
        .target(name: "Metering", dependencies: ["Operations", "Items"], swiftSettings: strict),
        .target(name: "Wire", dependencies: ["Operations", "Items"], swiftSettings: strict),
        .target(
            name: "Engine",
            dependencies: [
                "Operations", "Expressions", "Items", "Storage", "Streams", "Metering",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "HTTPService",
            dependencies: [
                "Wire", "Operations", "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "Client",
            dependencies: [
                "Wire", "Operations", "Items",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "Functions",
            dependencies: [
                "Client", "Wire", "Operations", "Items", "Storage", "CZlib", "CLaunch",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [
                .embedInCode("Environments/Runtimes/Clients/python_client.py"),
                .embedInCode("Environments/Runtimes/Clients/node_client.cjs"),
            ],
            swiftSettings: strict),
        .target(
            name: "Triggers",
            dependencies: [
                "Functions", "Client", "Wire", "Operations", "Items", "Storage",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Permissions",
            dependencies: [
                "Wire", "Operations", "Expressions", "Items", "Storage",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Templates",
            dependencies: [
                "Client", "Wire", "Operations", "Storage", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "AccountBook",
            dependencies: [
                "Metering", "Wire", "Operations", "Items", "Storage",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Terminal",
            dependencies: ["Client", "Metering", "Expressions", "Wire", "Operations", "Items"],
            swiftSettings: strict),
        .target(
            name: "Transfer",
            dependencies: [
                "Terminal", "Client", "Wire", "Operations", "Items", "CZlib", "CZstd",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "LoadTester",
            dependencies: [
                "Terminal", "Client", "Metering", "Expressions", "Wire", "Operations", "Items",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [
                .embedInCode("Shipped/orders-good.yaml"),
                .embedInCode("Shipped/orders-bad.yaml"),
                .embedInCode("Shipped/iot-good.yaml"),
                .embedInCode("Shipped/iot-bad.yaml"),
                .embedInCode("Shipped/feed-good.yaml"),
                .embedInCode("Shipped/feed-bad.yaml"),
                .embedInCode("Shipped/example.yaml"),
                .embedInCode("Shipped/design.schema.json"),
                .embedInCode("Page/report.css"),
                .embedInCode("Page/report.js"),
            ],
            swiftSettings: strict),
        .target(
            name: "BasaltKit",
            dependencies: ["Wire", "Operations", "Engine", "Storage"],
            swiftSettings: strict),
        .executableTarget(
            name: "basalt",
            dependencies: [
                "HTTPService", "Wire", "Operations", "Engine", "Storage", "Client", "Functions",
                "Triggers", "Permissions", "Templates", "AccountBook", "Metering", "Terminal",
                "Transfer", "LoadTester", "Items", "Expressions", "CLaunch",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Operations"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .testTarget(
            name: "ItemsTests", dependencies: ["Items", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ExpressionsTests", dependencies: ["Expressions", "Items", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "StreamsTests", dependencies: ["Streams", "Items", "Storage", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Engine", "Metering", "Operations", "Items", "Storage", "Streams", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(name: "BasaltKitTests", dependencies: ["BasaltKit"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests", dependencies: ["Storage", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "HTTPServiceTests",
            dependencies: [
                "HTTPService", "Client", "Operations", "CZlib", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WireTests", dependencies: ["Wire", "Operations", "Items", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ClientTests",
            dependencies: [
                "Client", "Wire", "Operations", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FunctionsTests",
            dependencies: [
                "Functions", "Client", "Wire", "Operations", "Items", "Storage", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TriggersTests",
            dependencies: [
                "Triggers", "Functions", "Client", "Engine", "Wire", "Operations", "Items",
                "Storage", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PermissionsTests",
            dependencies: [
                "Permissions", "Wire", "Operations", "Items", "Storage", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TemplatesTests",
            dependencies: [
                "Templates", "Client", "Wire", "Operations", "Storage", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "MeteringTests",
            dependencies: ["Metering", "Operations", "Items", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "AccountBookTests",
            dependencies: [
                "AccountBook", "Metering", "Wire", "Operations", "Items", "Storage", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TerminalTests",
            dependencies: [
                "Terminal", "Client", "Metering", "Wire", "Operations", "Items", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TransferTests",
            dependencies: [
                "Transfer", "Terminal", "Client", "Wire", "Operations", "Items", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LoadTesterTests",
            dependencies: [
                "LoadTester", "Client", "Metering", "Wire", "Operations", "Items", "TestSupport",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GoldenTests",
            dependencies: ["Wire", "Engine", "Operations", "Items", "Storage", "Streams"],
            exclude: ["Scripts"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
