import Items
import Metering
import Operations

/// What throttling adds to a request, apart from its lock: one table of many partitions.
struct CapacityBenchmarks {
    private let places = (0..<256).map {
        KeyPlace(resourceID: 1, partition: [ItemValue(.string("key-\($0)"))])
    }

    func run(_ measurement: inout Measurement) {
        served(&measurement)
        hot(&measurement)
    }

    /// Work that is let in: asked for and charged.
    private func served(_ measurement: inout Measurement) {
        var capacity = ResourceCapacity(
            resourceID: 1,
            throughput: .onDemand(
                warmRead: 40_000, warmWrite: 40_000, maxRead: nil, maxWrite: nil),
            now: 0)
        var now = 0.0
        var number = 0
        measurement.measure("capacity, 40 partitions: let in and charge") {
            now += 0.001
            number = (number + 1) % places.count
            let place = places[number]
            let limit = capacity.limit(.write, at: place, now: now)
            capacity.charge(.write, units: 1, at: place, now: now)
            return limit
        }
    }

    /// Work at a hot partition, whose places are sampled: most is refused.
    private func hot(_ measurement: inout Measurement) {
        var capacity = ResourceCapacity(
            resourceID: 1, throughput: .provisioned(read: 1, write: 900), now: 0)
        var now = 0.0
        var number = 0
        measurement.measure("capacity, hot: let in or refuse") {
            now += 0.0004
            number = (number + 1) % places.count
            let place = places[number]
            let limit = capacity.limit(.write, at: place, now: now)
            if limit == nil {
                capacity.charge(.write, units: 1, at: place, now: now)
            } else {
                capacity.refused(.write, at: place, now: now)
            }
            return limit
        }
    }
}
