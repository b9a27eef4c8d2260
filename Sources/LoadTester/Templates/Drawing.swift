internal import Glibc
internal import Wire

/// Draws the values of one request, item or field.
struct Drawing: Sendable {
    struct Instance: Sendable, Hashable {
        var entity: Int
        var index: Int
    }

    let workload: Workload
    var random: SeededRandom
    var picks: [Instance] = []
    var locals: [GeneratedValue] = []
    /// Its number among its like.
    var ordinal = 0
    /// Nanoseconds since the run began.
    var due: UInt64 = 0
    /// What lists and texts of the item at hand may still come to: more than any item may have, so
    /// that the service refuses what is too large before it fills the memory here.
    private var room = roomOfItem
    private static let roomOfItem = 4 << 20
    /// What an element of a list or set takes of the room, though it is empty.
    private static let elementByteCount = 16

    init(workload: Workload, random: SeededRandom) {
        self.workload = workload
        self.random = random
    }

    // MARK: Values

    mutating func value(_ template: ValueTemplate) -> GeneratedValue {
        switch template {
        case .constant(let value): return value
        case .text(let parts): return .string(text(parts))
        case .reference(let reference): return value(of: reference)
        case .number(let distribution, let decimals): return number(distribution, decimals)
        case .sequence(let from, let step):
            return .number(from &+ ordinal &* step)
        case .time(let source, let format): return format.value(instant(source))
        case .uuid: return .string(uuid())
        case .ulid(let source): return .string(ulid(at: instant(source)))
        case .words(let kind): return .string(Words.draw(kind, &random))
        case .filler(let size):
            return .string(Words.text(byteCount: taken(size), &random))
        case .binary(let size): return .binary(bytes(taken(size)))
        case .choice(let choices):
            let drawn = random.unit()
            guard let chosen = choices.first(where: { drawn < $0.upTo }) ?? choices.last else {
                return .absent
            }
            return value(chosen.value)
        case .bool(let share): return .bool(random.unit() < share)
        case .optional(let share, let template):
            return random.unit() < share ? value(template) : .absent
        default: return composed(template)
        }
    }

    private mutating func composed(_ template: ValueTemplate) -> GeneratedValue {
        switch template {
        case .list(let elements): return .list(elements.map { value($0) })
        case .map(let members): return .map(self.members(members))
        case .repeated(let template, let count):
            let count = taken(count, each: Self.elementByteCount)
            return .list((0..<count).map { _ in value(template) })
        case .set(let template, let count): return set(template, count)
        case .asString(let template): return .string(value(template).text)
        case .asNumber(let parts): return .number(text(parts))
        case .shard(let parts, let count):
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in text(parts).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return .number(Int(SeededRandom.mixed(hash) % UInt64(max(count, 1))))
        default: return .absent
        }
    }

    /// A size or count as drawn, as far as there is room.
    private mutating func taken(_ size: NumberDistribution, each byteCount: Int = 1) -> Int {
        let count = min(max(size.whole(&random), 0), room / byteCount)
        room -= count * byteCount
        return count
    }

    /// The attributes of an item or key, or the values of expressions.
    mutating func item(_ templates: [ValueTemplate.Member]) -> [GeneratedValue.Member] {
        room = Self.roomOfItem
        return members(templates)
    }

    private mutating func members(_ templates: [ValueTemplate.Member]) -> [GeneratedValue.Member] {
        var members: [GeneratedValue.Member] = []
        members.reserveCapacity(templates.count)
        for template in templates {
            members.append(GeneratedValue.Member(template.name, value(template.value)))
        }
        return members
    }

    private mutating func set(
        _ template: ValueTemplate, _ count: NumberDistribution
    ) -> GeneratedValue {
        let wanted = max(taken(count, each: Self.elementByteCount), 1)
        var members: [GeneratedValue] = []
        var seen: Set<String> = []
        // A set of few possible values ends smaller rather than never.
        for _ in 0..<(wanted * 8) where members.count < wanted {
            var member = value(template)
            if case .instant = member { member = .string(member.text) }
            if seen.insert(member.text).inserted { members.append(member) }
        }
        return .set(members)
    }

    private mutating func number(
        _ distribution: NumberDistribution, _ decimals: Int
    ) -> GeneratedValue {
        guard decimals > 0 else { return .number(distribution.whole(&random)) }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = NumberDistribution.integer(
            (distribution.draw(&random) * Double(scale)).rounded())
        let (whole, rest) = Int(scaled.magnitude).quotientAndRemainder(dividingBy: scale)
        let digits = String(rest)
        let zeros = String(repeating: "0", count: decimals - digits.utf8.count)
        return .number("\(scaled < 0 ? "-" : "")\(whole).\(zeros)\(digits)")
    }

    // MARK: Names

    private mutating func text(_ parts: [TextPart]) -> String {
        if parts.count == 1, case .value(let reference) = parts[0] {
            return value(of: reference).text
        }
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .value(let reference): text += value(of: reference).text
            }
        }
        return text
    }

    func value(of reference: Reference) -> GeneratedValue {
        var value: GeneratedValue
        switch reference.base {
        case .ordinal: value = .number(ordinal)
        case .local(let index): value = index < locals.count ? locals[index] : .absent
        case .pick(let slot):
            guard slot < picks.count else { return .absent }
            var instance = picks[slot]
            for _ in 0..<reference.parentSteps {
                guard let parent = workload.parent(of: instance) else { return .absent }
                instance = parent
            }
            value =
                reference.field.map { workload.field($0, of: instance) }
                ?? .number(instance.index)
        }
        guard let format = reference.format else { return value }
        switch (format, value) {
        case (.time(let format), .instant(let milliseconds)):
            value = format.value(milliseconds)
        case (.padded(let width), .number(let text)):
            let zeros = String(repeating: "0", count: max(0, width - text.utf8.count))
            value = .string(zeros + text)
        default: break
        }
        return value
    }

    // MARK: Moments and identifiers

    private mutating func instant(_ source: TimeSource) -> Int {
        switch source {
        case .now:
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
        case .steps(let start, let step):
            return start + NumberDistribution.integer(Double(ordinal) * step)
        case .run(let start, let speed):
            return start + NumberDistribution.integer(Double(due) / 1e6 * speed)
        case .between(let first, let last): return first + random.below(last - first + 1)
        case .reference(let reference):
            if case .instant(let milliseconds) = value(of: reference) { return milliseconds }
            return 0
        }
    }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var word: UInt64 = 0
            for index in 0..<count {
                if index % 8 == 0 { word = random.next() }
                buffer[index] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
            filled = count
        }
    }

    private mutating func uuid() -> String {
        let high = random.next() & ~0xF000 | 0x4000
        let low = random.next() & ~(3 << 62) | 1 << 63
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var at = 0
            for (word, hyphens) in [(high, [8, 13]), (low, [18, 23])] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    if hyphens.contains(at) || (at == 18 && hyphens[0] == 18) {
                        buffer[at] = UInt8(ascii: "-")
                        at += 1
                    }
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift) & 15)
                    buffer[at] = digit < 10 ? 0x30 + digit : 0x57 + digit
                    at += 1
                }
            }
            return at
        }
    }

    private mutating func ulid(at milliseconds: Int) -> String {
        let alphabet = Self.crockford
        let time = UInt64(max(milliseconds, 0))
        let words = (random.next(), random.next())
        return String(unsafeUninitializedCapacity: 26) { buffer in
            for place in 0..<10 {
                buffer[place] = alphabet[Int(time >> UInt64(45 - place * 5) & 31)]
            }
            for place in 0..<8 {
                buffer[10 + place] = alphabet[Int(words.0 >> UInt64(place * 5) & 31)]
                buffer[18 + place] = alphabet[Int(words.1 >> UInt64(place * 5) & 31)]
            }
            return 26
        }
    }

    private static let crockford = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
}
