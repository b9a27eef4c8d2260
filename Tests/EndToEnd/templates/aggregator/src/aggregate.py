from shared import NAME


def handler(event, context):
    state = event.get("state") or {}
    state[NAME] = state.get(NAME, 0) + len(event["Records"])
    return {"state": state, "batchItemFailures": []}
