package import Operations

/// DescribeEndpoints.
package enum DescribeEndpoints {
    /// How long a client may keep the address: a day.
    static let cachePeriodInMinutes = 1_440

    /// The one endpoint: where the request came in.
    package static func answer(context: RequestContext) -> OperationOutcome {
        OperationOutcome(
            .describeEndpoints(
                address: context.host, cachePeriodInMinutes: cachePeriodInMinutes))
    }
}
