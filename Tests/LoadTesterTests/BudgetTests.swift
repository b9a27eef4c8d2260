import Operations
import Testing

@testable import LoadTester

@Suite("Budgets")
struct BudgetTests {
    private var report: DesignReport { run.report }
    private var run: SyntheticRun {
        SyntheticRun(
            tables: [.orders()],
            [
                SyntheticRun.Work(
                    pattern: AccessPattern(
                        name: "get order", operation: "GetItem", tableName: "orders"),
                    perSecond: 100, milliseconds: 3,
                    consumed: [("orders", { ["c\($0 % 50)"] }, .reading(0.5))]),
                SyntheticRun.Work(
                    pattern: AccessPattern(
                        name: "put, order", operation: "PutItem", tableName: "orders"),
                    perSecond: 50, milliseconds: 8,
                    consumed: [("orders", { ["c\($0 % 50)"] }, .writing(2))]),
            ])
    }

    @Test(
        "terms are held against the run",
        arguments: [
            ("p99<10ms", true), ("p99<7ms", false), ("p50(get order)<3.1ms", true),
            ("p50(get order) < 2900us", false), ("p50(put, order)<=0.0081s", true),
            ("throttles=0", true), ("errors<0.1%", true), ("errors=0", true),
            ("rate>=149", true), ("rate>151/s", false), ("usd_month<200", true),
            ("usd_month<$100", false), ("wcu(orders)<101", true), ("wcu_peak<100", false),
            ("hot_key<3%", true), ("hot_key<1%", false), ("throttle_factor>2", true),
            ("amplification=0", true), ("usd_million(get order)<0.07", true),
        ])
    func terms(_ term: String, _ isMet: Bool) throws {
        let budget = try Budget(term)
        try budget.check(run.design)
        let outcomes = budget.outcomes(in: report)
        #expect(outcomes.count == 1 && outcomes.first?.term == term)
        #expect(outcomes.first?.isMet == isMet, "\(outcomes)")
    }

    @Test("several terms are parted by commas that stand outside of parentheses")
    func several() throws {
        let budget = try Budget(" p99<10ms, p50(put, order)<1ms ,throttles=0")
        #expect(budget.outcomes(in: report).map(\.isMet) == [true, false, true])
    }

    @Test(
        "a faulty budget is told with what may stand there",
        arguments: [
            ("", "a budget needs a term, such as p99<10ms"),
            ("p99", "p99: a term is a figure, one of < <= = >= >, and a limit"),
            ("p99<", "p99<: a term is a figure, one of < <= = >= >, and a limit"),
            ("p98<1ms", "p98<1ms: unknown figure 'p98' (there are p50, "),
            ("p99<10", "p99<10: '10' is no limit of p99, which takes a duration such as 10ms"),
            ("errors<5", "which takes a share such as 0.1%, or 0"),
            ("hot_key<5", "which takes a share such as 0.1%"),
            ("throttle_factor(x)>2", "throttle_factor is of the whole run"),
            ("usd_month<-1", "which takes dollars"), ("p99<nanms", "which takes a duration"),
        ])
    func faults(_ text: String, _ message: String) {
        do {
            _ = try Budget(text)
            Issue.record("no fault")
        } catch {
            #expect(error.description.contains(message), "\(error.description)")
        }
    }

    @Test("a subject that the design lacks is a fault")
    func unknownSubject() throws {
        let budget = try Budget("p99(get)<1ms")
        #expect(throws: BudgetFault.self) { try budget.check(run.design) }
        #expect(throws: BudgetFault.self) { try Budget("wcu(get order)<1").check(run.design) }
    }
}
