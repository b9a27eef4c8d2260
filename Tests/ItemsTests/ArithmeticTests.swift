import Items
import Testing

@Suite("Arithmetic")
struct ArithmeticTests {
    /// Computed with Python's decimal at 38 digits, inexact results trapped (nil).
    private static let vectors: [(String, String, String, String?)] = [
        (
            "-0.00005807302157368193036", "+", "-0.00000000000000000000000000000021",
            "-0.00005807302157368193036000000021"
        ),
        (
            "-0.00005807302157368193036", "-", "-0.00000000000000000000000000000021",
            "-0.00005807302157368193035999999979"
        ),
        ("-22003.32245383236405", "+", "0.0000000000000000041", "-22003.3224538323640499959"),
        ("-22003.32245383236405", "-", "0.0000000000000000041", "-22003.3224538323640500041"),
        ("95145000000000000", "-", "-0.0000000000000000000000000000000052772", nil),
        ("0.00000000000000000087757447621682752", "+", "-88851590458474.452", nil),
        (
            "-54748554565275582823574162.998649840329", "+", "320732021527380675600",
            "-54748233833254055442898562.998649840329"
        ),
        (
            "-54748554565275582823574162.998649840329", "-", "320732021527380675600",
            "-54748875297297110204249762.998649840329"
        ),
        ("93350564618.50894148", "+", "-526690", "93350037928.50894148"),
        ("93350564618.50894148", "-", "-526690", "93351091308.50894148"),
        (
            "-0.0000000000007229697329150615998", "-", "-0.0000066374",
            "0.0000066373992770302670849384002"
        ),
        ("0.00000", "-", "-0.00000000000000000000001", "0.00000000000000000000001"),
        (
            "-823570000000", "+", "205190118973677510000000000", "205190118973676686430000000"
        ),
        ("0.0030", "-", "96000000000000000000", "-95999999999999999999.997"),
        (
            "0.003907857696820473812", "-", "0.0000000000000000000046522817316934073",
            "0.0039078576968204738073477182683065927"
        ),
        ("1", "-", "1", "0"), ("0.1", "+", "0.2", "0.3"), ("1E125", "-", "1E125", "0"),
        ("1E125", "+", "1", nil), ("1E-130", "+", "1", nil), ("1E-130", "-", "1E-130", "0"),
    ]

    @Test("sums and differences are exact", arguments: vectors)
    func vector(left: String, sign: String, right: String, expected: String?) throws {
        let (first, second) = (try DecimalNumber(left), try DecimalNumber(right))
        let result =
            sign == "+" ? try? first.adding(second) : try? first.subtracting(second)
        #expect(result?.description == expected)
    }

    @Test("results out of range are faults, not other numbers")
    func faults() throws {
        let nines = String(repeating: "9", count: 38)
        let greatest = try DecimalNumber("9." + nines.dropFirst() + "E125")
        #expect(throws: NumberFault.overflow) { try greatest.adding(greatest) }
        #expect(throws: NumberFault.overflow) { try greatest.negated.subtracting(greatest) }
        #expect(throws: NumberFault.overflow) { try greatest.adding(DecimalNumber("1E88")) }
        let small = try DecimalNumber("1.5E-129")
        #expect(throws: NumberFault.underflow) {
            try small.subtracting(DecimalNumber("1.45E-129"))
        }
        #expect(throws: NumberFault.tooManyDigits) {
            try DecimalNumber(nines).adding(DecimalNumber("0.1"))
        }
        #expect(
            try DecimalNumber(nines).adding(DecimalNumber(1)).description
                == "1" + String(repeating: "0", count: 38))
    }

    @Test("sums agree with 128-bit integers, wherever the point is")
    func againstIntegers() throws {
        for seed in UInt64(1)...3 {
            var random = RandomValues(seed: seed)
            for _ in 0..<2000 {
                let left = integer(&random)
                let right = integer(&random)
                let exponent = random.int(-90...80)
                let first = try DecimalNumber("\(left)E\(exponent)")
                let second = try DecimalNumber("\(right)E\(exponent)")
                let sum = try DecimalNumber("\(left + right)E\(exponent)")
                let difference = try DecimalNumber("\(left - right)E\(exponent)")
                let place = Comment(rawValue: "seed \(seed): \(left), \(right), E\(exponent)")
                #expect(try first.adding(second) == sum, place)
                #expect(try second.adding(first) == sum, place)
                #expect(try first.subtracting(second) == difference, place)
                #expect(try sum.subtracting(second) == first, place)
                #expect((first < second) == (left < right), place)
            }
        }
    }

    private func integer(_ random: inout RandomValues) -> Int128 {
        let count = random.int(1...37)
        var result: Int128 = 0
        for _ in 0..<count {
            result = result * 10 + Int128([0, 9, random.int(0...9)][random.int(0...2)])
        }
        return random.int(0...1) == 0 ? result : -result
    }
}
