/// The designs that come with the executable, by name.
package enum ShippedDesigns {
    package static let names = [
        "orders-good", "orders-bad", "iot-good", "iot-bad", "feed-good", "feed-bad",
    ]

    /// The text of a design's file; nil for a name that there isn't.
    package static func text(_ name: String) -> String? {
        let bytes: [UInt8]
        switch name {
        case "orders-good": bytes = PackageResources.orders_good_yaml
        case "orders-bad": bytes = PackageResources.orders_bad_yaml
        case "iot-good": bytes = PackageResources.iot_good_yaml
        case "iot-bad": bytes = PackageResources.iot_bad_yaml
        case "feed-good": bytes = PackageResources.feed_good_yaml
        case "feed-bad": bytes = PackageResources.feed_bad_yaml
        default: return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A commented file to begin with, which runs as it is.
    package static var example: String {
        String(decoding: PackageResources.example_yaml, as: UTF8.self)
    }

    /// The JSON Schema of design files.
    package static var schema: String {
        String(decoding: PackageResources.design_schema_json, as: UTF8.self)
    }
}
