/// Random numbers that are the same for the same seed, everywhere: SplitMix64.
///
/// Made anew for each request, field and pick from what it is for (`stream`), so that no draw
/// depends on how many came before it on the same thread.
package struct SeededRandom: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The sequence that belongs to a seed and what it is for.
    package init(seed: UInt64, _ first: UInt64, _ second: UInt64 = 0, _ third: UInt64 = 0) {
        var mix = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15)
        mix = Self.mixed(mix ^ first &* 0xD6E8_FEB8_6659_FD93)
        mix = Self.mixed(mix ^ second &* 0xA076_1D64_78BD_642F)
        state = Self.mixed(mix ^ third &* 0xE703_7ED1_A0B4_28DB)
    }

    @inline(__always)
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A number from 0 up to, but not including, 1.
    @inline(__always)
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number from 0 up to, but not including, a bound; 0 where the bound is less than 1.
    @inline(__always)
    package mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Scatters bits: equal inputs give equal outputs, near ones far ones.
    @inline(__always)
    package static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
