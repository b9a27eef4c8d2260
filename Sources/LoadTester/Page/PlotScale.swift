internal import Foundation
internal import Terminal

/// How values lie along an axis of a plot.
struct PlotScale: Sendable {
    struct Tick: Sendable {
        var value: Double
        var label: String
    }

    private enum Kind: Sendable { case linear, logarithmic, tail }

    private let kind: Kind
    private let low: Double
    private let high: Double
    let ticks: [Tick]

    /// Where a value lies, from 0 to 1.
    func position(_ value: Double) -> Double {
        let value = Self.mapped(value, kind)
        let (from, to) = (Self.mapped(low, kind), Self.mapped(high, kind))
        return to > from ? min(max((value - from) / (to - from), 0), 1) : 0
    }

    private static func mapped(_ value: Double, _ kind: Kind) -> Double {
        switch kind {
        case .linear: value
        case .logarithmic: log10(max(value, 1e-6))
        case .tail: -log10(max(1 - value / 100, 1e-7))
        }
    }

    /// From 0 to a round number above the greatest.
    static func linear(upTo greatest: Double, label: (Double) -> String) -> PlotScale {
        let greatest = greatest.isFinite && greatest > 0 ? greatest : 1
        let rough = greatest / 4
        let power = pow(10, floor(log10(rough)))
        let step = ([1, 2, 2.5, 5, 10].first { $0 * power >= rough } ?? 10) * power
        let count = max(1, Int((greatest / step).rounded(.up)))
        return PlotScale(
            kind: .linear, low: 0, high: Double(count) * step,
            ticks: (0...count).map {
                Tick(value: Double($0) * step, label: label(Double($0) * step))
            })
    }

    /// Between two values themselves, in round steps: for time.
    static func seconds(from low: Double, to high: Double) -> PlotScale {
        let high = max(high, low + 1)
        let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600]
        let step = steps.first { (high - low) / $0 <= 8 } ?? ((high - low) / 8)
        let first = (low / step).rounded(.up) * step
        let ticks = stride(from: first, through: high, by: step).map { second in
            Tick(value: second, label: "\(Int(second)) s")
        }
        return PlotScale(kind: .linear, low: low, high: high, ticks: ticks)
    }

    /// Milliseconds by powers of ten.
    static func milliseconds(from low: Double, to high: Double) -> PlotScale {
        let high = rounded(max(high, 0.002), up: true)
        let low = min(rounded(max(low, 0.001), up: false), high / 2)
        let first = Int(floor(log10(low)))
        let last = Int(ceil(log10(high)))
        let isShort = last - first <= 2
        var ticks: [Tick] = []
        for power in first...last {
            for digit in isShort ? [1.0, 2, 5] : [1.0] {
                let value = digit * pow(10, Double(power))
                guard value >= low * 0.999, value <= high * 1.001 else { continue }
                ticks.append(Tick(value: value, label: label(milliseconds: value)))
            }
        }
        return PlotScale(kind: .logarithmic, low: low, high: high, ticks: ticks)
    }

    /// The next 1, 2 or 5 of a power of ten.
    private static func rounded(_ value: Double, up: Bool) -> Double {
        let power = pow(10, floor(log10(value)))
        let steps = [1.0, 2, 5, 10].map { $0 * power }
        return up
            ? steps.first { $0 >= value * 0.999 } ?? value
            : steps.last { $0 <= value * 1.001 } ?? value
    }

    /// Percentiles, the tail drawn out: each tenth of the requests left is as wide.
    static func percentiles(upTo greatest: Double) -> PlotScale {
        let all: [(Double, String)] = [
            (0, "0"), (50, "50%"), (90, "90%"), (99, "99%"), (99.9, "99.9%"), (99.99, "99.99%"),
            (99.999, "99.999%"),
        ]
        let last = all.map(\.0).first { $0 >= greatest } ?? 99.999
        return PlotScale(
            kind: .tail, low: 0, high: max(last, 90),
            ticks: all.filter { $0.0 <= max(last, 90) }.map { Tick(value: $0.0, label: $0.1) })
    }

    private static func label(milliseconds: Double) -> String {
        if milliseconds >= 1_000 { return "\(Quantity.units(milliseconds / 1_000)) s" }
        if milliseconds < 1 { return "\(Int((milliseconds * 1_000).rounded())) µs" }
        return "\(Quantity.units(milliseconds)) ms"
    }
}
