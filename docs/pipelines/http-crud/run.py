"""An HTTP-shaped handler (API Gateway's proxy events through Invoke) that does CRUD on a table."""

import json
import sys
import uuid
from pathlib import Path

HOME = Path(__file__).resolve().parent
sys.path.insert(0, str(HOME.parent))

from local_cloud import ACCOUNT, main  # noqa: E402


def proxy_event(method, path, body=None):
    """A request as API Gateway (REST API, Lambda proxy integration) hands it to a function."""
    parts = path.strip("/").split("/")
    resource = "/notes/{id}" if len(parts) == 2 else "/notes"
    return {
        "resource": resource, "path": path, "httpMethod": method,
        "headers": {"Content-Type": "application/json"}, "multiValueHeaders": {},
        "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "pathParameters": {"id": parts[1]} if len(parts) == 2 else None,
        "stageVariables": None,
        "requestContext": {"accountId": ACCOUNT, "stage": "local", "httpMethod": method,
                           "requestId": str(uuid.uuid4()), "resourcePath": resource},
        "body": None if body is None else json.dumps(body), "isBase64Encoded": False,
    }


def request(cloud, method, path, body=None):
    """Sends a request to the function; returns status and body."""
    answer = cloud.client("lambda").invoke(
        FunctionName="notes-api", Payload=json.dumps(proxy_event(method, path, body)))
    payload = json.load(answer["Payload"])
    if "FunctionError" in answer:
        raise RuntimeError(f"{method} {path}: {payload}")
    return payload["statusCode"], json.loads(payload["body"]) if payload["body"] else None


def pipeline(cloud):
    """Deploys the function and goes once through the life of a note."""
    cloud.deploy(HOME / "template.yaml")
    status, note = request(cloud, "POST", "/notes", {"text": "buy milk"})
    path = f"/notes/{note['id']}"
    return [
        [status, note],
        request(cloud, "PUT", path, {"text": "buy oat milk"}),
        request(cloud, "GET", path),
        request(cloud, "GET", "/notes"),
        request(cloud, "POST", "/notes", {"text": ""}),
        request(cloud, "DELETE", path),
        request(cloud, "GET", path),
        request(cloud, "DELETE", path),
        request(cloud, "PATCH", "/notes"),
    ]


if __name__ == "__main__":
    main(pipeline)
