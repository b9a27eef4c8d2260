/// Scrambled numbers: checksums and ids that look like no order.
package enum Mixing {
    /// One-to-one over 64 bits (the finalizer of SplitMix64).
    package static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A hash of byte strings, the same in every process.
    package static func hash(_ strings: [UInt8]...) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for string in strings {
            for byte in string { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = mix(hash)
        }
        return hash
    }

    /// 16 lower-case hexadecimal digits.
    package static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
