internal import Items
internal import Operations
package import Wire

/// Answers the Lambda API for those who may, as `AuthorizingHandler` does DynamoDB's.
package struct AuthorizingRESTHandler: RESTHandler {
    private let next: any RESTHandler
    private let control: AccessControl

    package init(_ next: any RESTHandler, control: AccessControl) {
        self.next = next
        self.control = control
    }

    package func access(method: String, path: Substring) -> RESTAccess? {
        next.access(method: method, path: path)
    }

    package func owns(target: String) -> Bool { next.owns(target: target) }

    package func bodyBytesMax(path: Substring) -> Int { next.bodyBytesMax(path: path) }

    package func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void
    ) {
        guard let principal = control.principal(accessKeyID: request.context.accessKeyID) else {
            next.handle(request, completion: completion)
            return
        }
        if control.mode == .enforce, request.path.hasPrefix("/_basalt/"), request.method != "GET" {
            completion(RESTResponse(.notAnOperator(principal)))
            return
        }
        guard let need = LambdaActions.need(request, accountID: control.accountID),
            var refusal = control.refusal(of: [need], by: principal, context: request.context)
        else {
            next.handle(request, completion: completion)
            return
        }
        refusal.namespace = .rest
        refusal.status = 403
        completion(RESTResponse(refusal))
    }
}
