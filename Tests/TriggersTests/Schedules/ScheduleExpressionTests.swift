import Operations
import TestSupport
import Testing
import Triggers

@Suite("Schedule expressions")
struct ScheduleExpressionTests {
    /// A Saturday.
    private static let start = "2026-11-21T16:30:00Z"

    private func times(_ text: String, count: Int = 3, after: String = start) throws -> [String] {
        let expression = try ScheduleExpression(text)
        let begin = try #require(TimeText.timestamp(iso8601: after))
        var time = begin
        var found: [String] = []
        while found.count < count, let next = expression.next(after: time, start: begin) {
            #expect(next > time)
            found.append(String(TimeText.iso8601(next).prefix(16)))
            time = next
        }
        return found
    }

    @Test(
        "The times of cron expressions",
        arguments: [
            ("cron(0 12 * * ? *)", ["2026-11-22T12:00", "2026-11-23T12:00", "2026-11-24T12:00"]),
            ("cron(0/20 * * * ? *)", ["2026-11-21T16:40", "2026-11-21T17:00", "2026-11-21T17:20"]),
            (
                "cron(5,35 16-17 * * ? *)",
                ["2026-11-21T16:35", "2026-11-21T17:05", "2026-11-21T17:35"]
            ),
            (
                "cron(0 18 ? * MON-FRI *)",
                ["2026-11-23T18:00", "2026-11-24T18:00", "2026-11-25T18:00"]
            ),
            ("cron(0 18 ? * 2,3 *)", ["2026-11-23T18:00", "2026-11-24T18:00", "2026-11-30T18:00"]),
            (
                "cron(0 0 ? * sat-mon *)",
                ["2026-11-22T00:00", "2026-11-23T00:00", "2026-11-28T00:00"]
            ),
            ("cron(0 8 1 * ? *)", ["2026-12-01T08:00", "2027-01-01T08:00", "2027-02-01T08:00"]),
            ("cron(0 0 L * ? *)", ["2026-11-30T00:00", "2026-12-31T00:00", "2027-01-31T00:00"]),
            ("cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
            // The last weekday: 30 November 2026 is a Monday, 31 January 2027 a Sunday.
            ("cron(0 0 LW * ? *)", ["2026-11-30T00:00", "2026-12-31T00:00", "2027-01-29T00:00"]),
            // 15 November is past; 15 December is a Tuesday, 15 May 2027 a Saturday.
            (
                "cron(0 0 15W 5,12 ? *)",
                ["2026-12-15T00:00", "2027-05-14T00:00", "2027-12-15T00:00"]
            ),
            // 1 May 2027 is a Saturday: the weekday after it, in the same month.
            ("cron(0 0 1W 5 ? *)", ["2027-05-03T00:00", "2028-05-01T00:00", "2029-05-01T00:00"]),
            ("cron(0 9 ? * 2#1 *)", ["2026-12-07T09:00", "2027-01-04T09:00", "2027-02-01T09:00"]),
            (
                "cron(0 9 ? * FRI#5 *)",
                ["2027-01-29T09:00", "2027-04-30T09:00", "2027-07-30T09:00"]
            ),
            ("cron(0 9 ? * 6L *)", ["2026-11-27T09:00", "2026-12-25T09:00", "2027-01-29T09:00"]),
            ("cron(0 9 ? * L *)", ["2026-11-28T09:00", "2026-12-05T09:00", "2026-12-12T09:00"]),
            (
                "cron(0 0 1 JAN,jul ? 2027-2028)",
                ["2027-01-01T00:00", "2027-07-01T00:00", "2028-01-01T00:00"]
            ),
            ("cron(0 0 1,L 1 ? 2027)", ["2027-01-01T00:00", "2027-01-31T00:00"]),
            ("cron(0 0 1 1 ? 2026)", []),
            ("cron(0 0 31 2 ? *)", []),
            ("cron(* * * * ? 2199)", ["2199-01-01T00:00", "2199-01-01T00:01", "2199-01-01T00:02"]),
        ])
    func cron(expression: String, wanted: [String]) throws {
        #expect(try times(expression) == wanted)
    }

    @Test("Rates count from where they began; at is once")
    func rates() throws {
        #expect(
            try times("rate(5 minutes)") == [
                "2026-11-21T16:35", "2026-11-21T16:40", "2026-11-21T16:45",
            ])
        #expect(
            try times("rate(1 day)", count: 2) == ["2026-11-22T16:30", "2026-11-23T16:30"])
        #expect(try times("at(2026-12-24T18:00:00)") == ["2026-12-24T18:00"])
        #expect(try times("at(2026-11-21T16:30:00)") == [])
        // On the beat of its start, whenever it is asked.
        #expect(
            try ScheduleExpression("rate(1 hour)").next(after: 36_000, start: 10) == 36_010)
        #expect(
            try ScheduleExpression("rate(1 hour)").next(after: 36_010, start: 10) == 39_610)
    }

    @Test(
        "What is no expression is refused",
        arguments: [
            "", "rate()", "rate(5)", "rate(0 minutes)", "rate(-1 minutes)", "rate(5 minute)",
            "rate(5 seconds)", "rate(1.5 hours)", "rate(99999999999999999999 days)",
            "rate(9999999999999 days)", "rate(5 minutes) ", "every(5 minutes)", "cron()",
            "cron(0 12 * * ?)", "cron(0 12 * * * *)", "cron(0 12 ? * ? *)", "cron(60 0 * * ? *)",
            "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 32 * ? *)", "cron(0 0 * 13 ? *)",
            "cron(0 0 ? * 8 *)", "cron(0 0 ? * MON#6 *)", "cron(0 0 ? * FOO *)",
            "cron(0 0 * * ? 1969)", "cron(5-1 0 * * ? *)", "cron(0/0 0 * * ? *)",
            "cron(1,,2 0 * * ? *)", "cron(a 0 * * ? *)", "cron(0 0 W * ? *)", "cron(- 0 * * ? *)",
            "at(2026-12-24)", "at(2026-12-24T18:00:00Z)", "at(2026-13-24T18:00:00)", "at()",
        ])
    func refused(text: String) {
        let error = #expect(throws: ServiceError.self) { try ScheduleExpression(text) }
        #expect(error?.code == "ValidationException")
        #expect(error?.message == "Parameter ScheduleExpression is not valid.")
    }

    @Test("Any cron of numbers fires at the minutes that a clock would find, one by one")
    func againstEveryMinute() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let minutes = Set((0..<3).map { _ in Int.random(in: 0...59, using: &generator) })
            let hours = Set((0..<3).map { _ in Int.random(in: 0...23, using: &generator) })
            let months = Set((0..<6).map { _ in Int.random(in: 1...12, using: &generator) })
            let isOfWeek = Bool.random(using: &generator)
            let days = Set(
                (0..<4).map { _ in Int.random(in: 1...(isOfWeek ? 7 : 31), using: &generator) })
            func list(_ numbers: Set<Int>) -> String {
                numbers.map(String.init).joined(separator: ",")
            }
            let text =
                "cron(\(list(minutes)) \(list(hours)) \(isOfWeek ? "?" : list(days)) "
                + "\(list(months)) \(isOfWeek ? list(days) : "?") *)"
            let expression = try ScheduleExpression(text)
            let first = Int.random(in: 0...60_000_000, using: &generator)
            var wanted: [Int] = []
            for minute in (first + 1)..<(first + 60 * 24 * 90) {
                let date = CivilDate(daysSince1970: minute / 1_440)
                let weekDay = (minute / 1_440 + 4) % 7 + 1
                if minutes.contains(minute % 60), hours.contains(minute / 60 % 24),
                    months.contains(date.month), days.contains(isOfWeek ? weekDay : date.day)
                {
                    wanted.append(minute)
                }
            }
            var found: [Int] = []
            var time = Double(first * 60)
            while let next = expression.next(after: time, start: 0),
                next < Double((first + 60 * 24 * 90) * 60)
            {
                found.append(Int(next) / 60)
                time = next
            }
            #expect(found == wanted, "seed \(seed), \(text) from minute \(first)")
        }
    }
}
