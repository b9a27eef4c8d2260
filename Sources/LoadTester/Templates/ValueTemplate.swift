/// What values are drawn from: a design file's item, key or field, with its names resolved.
indirect enum ValueTemplate: Sendable {
    case constant(GeneratedValue)
    /// An S of texts and values.
    case text([TextPart])
    /// The value itself, with its type.
    case reference(Reference)
    case number(NumberDistribution, decimals: Int)
    /// Counts by the requests of the pattern, or by the instances of an entity.
    case sequence(from: Int, step: Int)
    case time(TimeSource, TimeFormat)
    case uuid
    /// At a moment.
    case ulid(TimeSource)
    case words(Words.Kind)
    /// Text of so many bytes.
    case filler(NumberDistribution)
    case binary(NumberDistribution)
    /// Each with the share of draws up to which it is chosen, ascending to 1.
    case choice([Choice])
    case bool(share: Double)
    /// There in a share of the items.
    case optional(share: Double, ValueTemplate)
    case list([ValueTemplate])
    case map([Member])
    /// A list of a value, drawn as often as told.
    case repeated(ValueTemplate, count: NumberDistribution)
    /// Distinct values: as many as told or as there are.
    case set(ValueTemplate, count: NumberDistribution)
    case asString(ValueTemplate)
    case asNumber([TextPart])
    /// A number below `count` that belongs to a text.
    case shard([TextPart], count: Int)

    struct Member: Sendable {
        var name: String
        var value: ValueTemplate
    }

    struct Choice: Sendable {
        var upTo: Double
        var value: ValueTemplate
    }
}

/// Where a moment comes from.
enum TimeSource: Sendable, Hashable {
    /// The machine's clock: the one source that differs from run to run.
    case now
    /// `step` milliseconds after the one before, from `start`.
    case steps(start: Int, step: Double)
    /// `speed` times as fast as the run, from `start`.
    case run(start: Int, speed: Double)
    case between(Int, Int)
    /// Drawn before: the value of a name.
    case reference(Reference)
}

enum TextPart: Sendable {
    case literal(String)
    case value(Reference)
}

/// A name in a template, resolved: where its value comes from.
struct Reference: Sendable, Hashable {
    enum Base: Sendable, Hashable {
        /// The instance that was picked in a slot.
        case pick(Int)
        /// A value of `let`.
        case local(Int)
        /// The number of the request among those of its pattern.
        case ordinal
    }

    enum Format: Sendable, Hashable {
        case time(TimeFormat)
        /// Digits, with zeros in front.
        case padded(Int)
    }

    var base: Base
    /// How many times up from the instance to what it belongs to.
    var parentSteps = 0
    /// A field of that instance; nil: its index.
    var field: Int?
    var format: Format?
}
