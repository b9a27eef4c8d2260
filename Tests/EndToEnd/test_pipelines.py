"""Every pipeline of docs/pipelines, run as its README says, and what came of it."""

import shutil

import pytest

from pipelines import HOME, LocalCloud, has_terraform, load


@pytest.fixture
def cloud(tmp_path):
    with LocalCloud(directory=tmp_path) as cloud:
        yield cloud


def run(name, cloud):
    return load(name).pipeline(cloud)


def test_each_pipeline_has_what_its_readme_promises():
    names = sorted(path.parent.name for path in HOME.glob("*/run.py"))
    assert names == ["http-crud", "order-totals", "swift-handler", "upload-fan-out",
                     "upload-to-table"]
    readme = (HOME / "README.md").read_text()
    for name in names:
        assert f"docs/pipelines/run {name}" in readme


@pytest.mark.skipif(not has_terraform(), reason="needs Terraform and its AWS provider")
def test_upload_to_table(cloud):
    assert run("upload-to-table", cloud) == {
        "tales/fox.txt": 9, "notes with spaces.txt": 3, "empty.txt": 0}


def test_upload_fan_out(cloud):
    assert run("upload-fan-out", cloud) == {
        "catalogue": {"report.md": ["text/markdown", "# A report"],
                      "a/b.json": ["application/json", "{}"]},
        "audit": ["a/b.json", "report.md"],
    }


def test_order_totals(cloud):
    result = run("order-totals", cloud)
    assert {name: amount for name, (amount, _) in result["totals"].items()} == {
        "customer-0": 330, "customer-1": 1341, "customer-2": 352, "customer-3": 366,
        "customer-4": 378}
    assert {name: count for name, (_, count) in result["totals"].items()} == {
        "customer-0": 12, "customer-1": 12, "customer-2": 11, "customer-3": 12, "customer-4": 12}
    (failure,) = result["failures"]
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert failure["requestContext"]["functionArn"].endswith(":function:order-totals")
    assert failure["responseContext"]["functionError"] == "Unhandled"
    batch = failure["DDBStreamBatchInfo"]
    assert batch["batchSize"] == 1
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"]
    # The record can still be read where the message says, and it is the poison.
    streams = cloud.client("dynamodbstreams")
    iterator = streams.get_shard_iterator(
        StreamArn=batch["streamArn"], ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"])["ShardIterator"]
    record = streams.get_records(ShardIterator=iterator, Limit=1)["Records"][0]
    assert record["dynamodb"]["Keys"]["order"] == {"S": "poison"}


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_http_crud(cloud):
    created, changed, read, listed, refused, deleted, gone, twice, method = run("http-crud", cloud)
    assert created[0] == 201 and created[1]["text"] == "buy milk"
    note = {"id": created[1]["id"], "text": "buy oat milk", "edits": 1}
    assert changed == (200, note)
    assert read == (200, note)
    assert listed == (200, [note])
    assert refused == (400, {"message": "text is required"})
    assert deleted == (204, None)
    assert gone == twice == (404, {"message": "No such note"})
    assert method == (405, {"message": "No PATCH here"})


@pytest.mark.skipif(shutil.which("swiftc") is None, reason="needs a Swift toolchain")
def test_swift_handler(cloud):
    summary, empty, incomplete = run("swift-handler", cloud)
    assert summary == {"error": None, "sensor": "roof", "count": 3, "mean": 20, "fahrenheitMax": 86}
    assert empty["error"] == incomplete["error"] == "Unhandled"
    assert empty["errorType"] == "ReadingError" and empty["errorMessage"] == "empty"
    assert incomplete["errorType"] == "DecodingError"
