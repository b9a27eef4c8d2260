package import Operations

/// A function version that can run: what `FunctionDirectory` makes of a name and a qualifier.
package struct ResolvedFunction: Sendable {
    /// Of the version that runs, `$LATEST` or a number.
    package var configuration: FunctionConfiguration
    /// `arn:aws:lambda:us-east-1:000000000000:function:orders`, without a qualifier.
    package var functionArn: String
    /// The ARN as it was asked for, with the alias or version if one was named: what a handler sees
    /// as invoked_function_arn.
    package var invokedArn: String
    /// The directory that holds the unpacked code: `LAMBDA_TASK_ROOT`.
    package var codeDirectory: String
    /// The directory that holds the unpacked layers, one over the other, as /opt does in Lambda;
    /// nil without layers.
    package var layerDirectory: String?
    /// PutFunctionConcurrency; nil: shares what no function of the region has reserved.
    package var reservedConcurrency: Int?
    /// What all functions of the region have reserved.
    package var regionReservations: Int
    /// Of the version or alias that was asked for.
    package var eventInvoke: EventInvokeConfiguration

    package init(
        configuration: FunctionConfiguration, functionArn: String, invokedArn: String,
        codeDirectory: String, layerDirectory: String? = nil, reservedConcurrency: Int? = nil,
        regionReservations: Int = 0,
        eventInvoke: EventInvokeConfiguration = EventInvokeConfiguration()
    ) {
        self.configuration = configuration
        self.functionArn = functionArn
        self.invokedArn = invokedArn
        self.codeDirectory = codeDirectory
        self.layerDirectory = layerDirectory
        self.reservedConcurrency = reservedConcurrency
        self.regionReservations = regionReservations
        self.eventInvoke = eventInvoke
    }
}

/// PutFunctionEventInvokeConfig: what becomes of asynchronous invocations.
package struct EventInvokeConfiguration: Sendable, Codable, Hashable {
    /// 0…2.
    package var maximumRetryAttempts: Int?
    /// Seconds, 60…21,600.
    package var maximumEventAgeInSeconds: Int?
    /// ARN of a queue, topic, bucket or function, or a `file:` URL.
    package var onSuccess: String?
    package var onFailure: String?
    package init() {}
}

/// Whoever knows which functions there are.
package protocol FunctionDirectory: Sendable {
    /// The function that a name, partial ARN or ARN (with or without a qualifier) and a qualifier
    /// name. Answers at once, from memory.
    ///
    /// - Throws: ResourceNotFoundException, or ValidationException for what is no function's name.
    func resolve(
        _ name: String, qualifier: String?, region: String
    ) throws(ServiceError) -> ResolvedFunction
}
