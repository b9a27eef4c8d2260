// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target, as in the package that is measured.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The rooms that the micro-benchmarks measure from within.
///
/// `package` access ends at a package's border, so this package compiles the rooms itself: `Rooms`
/// is a symbolic link to the sources. Their dependencies are declared as in the package above.
let rooms: [Target] = [
    .systemLibrary(name: "CRocksDB", path: "Rooms/CRocksDB", pkgConfig: "rocksdb"),
    .target(
        name: "Items", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
        path: "Rooms/Items", swiftSettings: strict),
    .target(
        name: "Storage", dependencies: ["CRocksDB"], path: "Rooms/Storage",
        swiftSettings: strict + [.enableExperimentalFeature("Lifetimes")]),
    .target(
        name: "Expressions", dependencies: ["Items"], path: "Rooms/Expressions",
        swiftSettings: strict),
    .target(
        name: "Operations", dependencies: ["Items"], path: "Rooms/Operations",
        swiftSettings: strict),
    .target(
        name: "Streams", dependencies: ["Items", "Storage"], path: "Rooms/Streams",
        swiftSettings: strict),
    .target(
        name: "Metering", dependencies: ["Operations", "Items"], path: "Rooms/Metering",
        swiftSettings: strict),
    .target(
        name: "Wire", dependencies: ["Operations", "Items"], path: "Rooms/Wire",
        swiftSettings: strict),
    .target(
        name: "Engine",
        dependencies: [
            "Operations", "Expressions", "Items", "Storage", "Streams", "Metering",
            .product(name: "Logging", package: "swift-log"),
        ],
        path: "Rooms/Engine", swiftSettings: strict),
]

let package = Package(
    name: "basalt-benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: rooms + [
        .target(name: "Workload", swiftSettings: strict),
        .target(name: "CAllocationCount"),
        .systemLibrary(name: "CEpoll"),
        .executableTarget(
            name: "micro",
            dependencies: [
                "CAllocationCount", "Workload", "Engine", "Expressions", "Items", "Metering",
                "Operations", "Storage", "Wire", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "load", dependencies: ["CEpoll", "Workload"], swiftSettings: strict),
        .executableTarget(
            name: "bare",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
