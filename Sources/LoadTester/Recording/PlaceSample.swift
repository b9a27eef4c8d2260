internal import Items

/// A fair sample of the places that work fell on: each as likely as its weight.
struct PlaceSample: Sendable {
    static let placesMax = 48

    private(set) var places: [KeyPlace] = []
    private(set) var weight: UInt64 = 0

    mutating func offer(_ place: KeyPlace, weight added: UInt64, using random: inout SplitMix) {
        guard added > 0 else { return }
        weight &+= added
        if places.count < Self.placesMax {
            places.append(place)
        } else if random.below(weight) < added &* UInt64(Self.placesMax) {
            places[Int(random.below(UInt64(Self.placesMax)))] = place
        }
    }

    /// Joins two samples into one that is as fair.
    mutating func add(_ other: PlaceSample) {
        guard places.count + other.places.count > Self.placesMax else {
            places += other.places
            weight &+= other.weight
            return
        }
        var random = SplitMix(state: weight ^ (other.weight << 1))
        var (mine, theirs) = (places, other.places)
        let total = weight &+ other.weight
        var joined: [KeyPlace] = []
        while joined.count < Self.placesMax, !(mine.isEmpty && theirs.isEmpty) {
            let takesMine = theirs.isEmpty || (!mine.isEmpty && random.below(total) < weight)
            if takesMine {
                joined.append(mine.remove(at: Int(random.below(UInt64(mine.count)))))
            } else {
                joined.append(theirs.remove(at: Int(random.below(UInt64(theirs.count)))))
            }
        }
        places = joined
        weight = total
    }
}

/// Fast random numbers that need not be secret (Steele, Lea, Flood: SplitMix64).
struct SplitMix: Sendable, RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below a bound; 0 for a bound of 0.
    mutating func below(_ bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: bound).high
    }
}
