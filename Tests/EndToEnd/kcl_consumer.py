"""A consumer of a stream as the Kinesis Client Library is one.

It lists shards page by page, reads parents before their children, and keeps what it has seen and
how far it has come in one journal, so that it sees each record exactly once however often it is
begun anew. Errors of the connection are its caller's.
"""

import json
import os

PAGE_SHARDS = 2
UNREAD, ENDED = "", "ended"


class Journal:
    """One line per record or end of a shard; a line that was cut short counts as not written."""

    def __init__(self, path):
        self.path = path
        self.records = []
        self.progress = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            whole = text[: text.rfind("\n") + 1]
            for line in whole.splitlines():
                self._note(json.loads(line))
            if whole != text:
                os.truncate(path, len(whole.encode()))
        self.file = open(path, "a", encoding="utf-8")

    def _note(self, entry):
        if "record" in entry:
            self.records.append(entry["record"])
            self.progress[entry["shard"]] = entry["record"]["SequenceNumber"]
        else:
            self.progress[entry["shard"]] = ENDED

    def write(self, shard, record=None):
        entry = {"shard": shard} if record is None else {"shard": shard, "record": record}
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()
        self._note(entry)

    def close(self):
        self.file.close()


class Consumer:
    def __init__(self, client, stream_arn, journal_path):
        self.client = client
        self.arn = stream_arn
        self.journal = Journal(journal_path)
        self.iterators = {}

    def shards(self):
        found, start = [], {}
        while True:
            page = self.client.describe_stream(
                StreamArn=self.arn, Limit=PAGE_SHARDS, **start)["StreamDescription"]
            found += page["Shards"]
            if "LastEvaluatedShardId" not in page:
                return found
            start = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}

    def poll(self, limit=100):
        """Reads a page of every shard whose turn has come; returns how many records there were."""
        shards = self.shards()
        known = {shard["ShardId"] for shard in shards}
        count = 0
        for shard in shards:
            name, parent = shard["ShardId"], shard.get("ParentShardId")
            if self.journal.progress.get(name) == ENDED:
                continue
            if parent in known and self.journal.progress.get(parent) != ENDED:
                continue
            count += self._read(name, limit)
        return count

    def _read(self, name, limit):
        iterator = self.iterators.get(name) or self._iterator(name)
        page = self.client.get_records(ShardIterator=iterator, Limit=limit)
        for record in page["Records"]:
            told = dict(record["dynamodb"], eventName=record["eventName"], shard=name)
            told.pop("ApproximateCreationDateTime")
            self.journal.write(name, told)
        self.iterators[name] = page.get("NextShardIterator")
        if self.iterators[name] is None:
            self.journal.write(name)
        return len(page["Records"])

    def _iterator(self, name):
        checkpoint = self.journal.progress.get(name, UNREAD)
        if checkpoint == UNREAD:
            place = {"ShardIteratorType": "TRIM_HORIZON"}
        else:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": checkpoint}
        return self.client.get_shard_iterator(
            StreamArn=self.arn, ShardId=name, **place)["ShardIterator"]

    def drain(self, rounds_max=100):
        """Polls until nothing more comes: an end of a shard may open the way to its children."""
        for _ in range(rounds_max):
            before = dict(self.journal.progress)
            if self.poll(limit=1000) == 0 and self.journal.progress == before:
                return
        raise AssertionError("the stream never ran dry")

    def close(self):
        self.journal.close()
