"""Functions that tell in a file how often they ran, and reading what came of them elsewhere."""

import json
import time
from pathlib import Path

# Appends a line per run to $CALLS, and fails where the event says so.
SOURCE = """\
import json, os

def handler(event, context):
    line = json.dumps({"event": event, "id": context.aws_request_id})
    file = os.open(os.environ["CALLS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, (line + "\\n").encode())
    os.close(file)
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError(event["fail"])
    return {"done": event}
"""


def wait_until(condition, what="what was waited for", seconds=60, meanwhile=None):
    """Returns what a condition gives once that is true; does something between the looks."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what} did not happen in {seconds} s"
        if meanwhile:
            meanwhile()
        time.sleep(0.02)


class Calls:
    """The runs that handlers told of in a file."""

    def __init__(self, path):
        self.path = Path(path)

    @property
    def all(self):
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def of(self, **members):
        """The runs whose event has these members."""
        return [call for call in self.all
                if isinstance(call["event"], dict)
                and members.items() <= call["event"].items()]


def receive(sqs, url, count=1):
    """Takes and deletes that many messages."""
    messages = []

    def take():
        found = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"],
            MessageAttributeNames=["All"]).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        messages.extend(found)
        return len(messages) >= count

    wait_until(take, f"{count} messages")
    return messages
