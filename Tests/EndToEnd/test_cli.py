"""The AWS CLI: every command of the operations of this version."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import next_table_name


def cli_path():
    """The CLI beside the Python that runs these tests, or the one on the PATH."""
    beside = Path(sys.executable).with_name("aws")
    return str(beside) if beside.exists() else "aws"


@pytest.fixture(scope="module")
def aws(server, tmp_path_factory):
    """Runs `aws dynamodb …` and returns the decoded output, or fails with what it said."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "",
        "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
    }

    def run(*arguments, fails=False):
        words = [word if isinstance(word, str) else json.dumps(word) for word in arguments]
        result = subprocess.run(
            [cli_path(), "dynamodb", *words, "--endpoint-url", server.endpoint],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False)
        if fails:
            assert result.returncode != 0
            return result.stderr
        assert result.returncode == 0, f"{words}: {result.stderr}"
        return json.loads(result.stdout) if result.stdout.strip() else None

    return run


@pytest.fixture(scope="module")
def table(aws):
    """A table made by the CLI alone, with an index of each kind."""
    name = next_table_name()
    made = aws(
        "create-table", "--table-name", name,
        "--attribute-definitions", "AttributeName=artist,AttributeType=S",
        "AttributeName=song,AttributeType=S", "AttributeName=year,AttributeType=N",
        "--key-schema", "AttributeName=artist,KeyType=HASH", "AttributeName=song,KeyType=RANGE",
        "--local-secondary-indexes",
        "IndexName=by-year,KeySchema=[{AttributeName=artist,KeyType=HASH},"
        "{AttributeName=year,KeyType=RANGE}],Projection={ProjectionType=ALL}",
        "--global-secondary-indexes",
        "IndexName=of-year,KeySchema=[{AttributeName=year,KeyType=HASH}],"
        "Projection={ProjectionType=KEYS_ONLY}",
        "--billing-mode", "PAY_PER_REQUEST", "--tags", "Key=made-by,Value=cli")
    assert made["TableDescription"]["TableName"] == name
    aws("wait", "table-exists", "--table-name", name)
    yield name
    aws("delete-table", "--table-name", name)
    aws("wait", "table-not-exists", "--table-name", name)
    assert "ResourceNotFoundException" in aws("describe-table", "--table-name", name, fails=True)


KEY = {"artist": {"S": "Nina"}, "song": {"S": "Sinnerman"}}
ITEM = KEY | {"year": {"N": "1965"}, "tags": {"SS": ["jazz"]}, "raw": {"B": "text"}}
# This CLI takes the text of a binary as it is, and tells it in Base64.
TOLD = ITEM | {"raw": {"B": "dGV4dA=="}}


def test_tables(aws, table):
    told = aws("describe-table", "--table-name", table)["Table"]
    assert told["TableStatus"] == "ACTIVE"
    assert table in aws("list-tables")["TableNames"]
    assert len(aws("list-tables", "--page-size", "1", "--max-items", "1")["TableNames"]) == 1
    aws("update-table", "--table-name", table, "--deletion-protection-enabled")
    assert aws("describe-table", "--table-name", table)["Table"]["DeletionProtectionEnabled"]
    aws("update-table", "--table-name", table, "--no-deletion-protection-enabled")


def test_items(aws, table):
    aws("put-item", "--table-name", table, "--item", ITEM)
    got = aws("get-item", "--table-name", table, "--key", KEY, "--consistent-read",
              "--return-consumed-capacity", "TOTAL")
    assert got["Item"] == TOLD
    assert got["ConsumedCapacity"]["CapacityUnits"] == 1.0
    updated = aws(
        "update-item", "--table-name", table, "--key", KEY,
        "--update-expression", "SET plays = if_not_exists(plays, :zero) + :one",
        "--expression-attribute-values", {":zero": {"N": "0"}, ":one": {"N": "1"}},
        "--return-values", "ALL_NEW")
    assert updated["Attributes"]["plays"] == {"N": "1"}
    said = aws("delete-item", "--table-name", table, "--key", KEY,
               "--condition-expression", "plays > :one",
               "--expression-attribute-values", {":one": {"N": "1"}}, fails=True)
    assert "ConditionalCheckFailedException" in said
    deleted = aws("delete-item", "--table-name", table, "--key", KEY,
                  "--return-values", "ALL_OLD")
    assert deleted["Attributes"]["song"] == KEY["song"]


def test_batches_query_and_scan(aws, table):
    songs = [{"artist": {"S": "Batch"}, "song": {"S": f"{i:02}"}, "year": {"N": str(1960 + i)}}
             for i in range(25)]
    written = aws("batch-write-item", "--request-items", {
        table: [{"PutRequest": {"Item": song}} for song in songs]})
    assert written["UnprocessedItems"] == {}
    got = aws("batch-get-item", "--request-items", {table: {"Keys": [
        {"artist": {"S": "Batch"}, "song": {"S": "03"}}]}})
    assert got["Responses"][table] == [songs[3]]
    values = {":a": {"S": "Batch"}}
    found = aws("query", "--table-name", table, "--key-condition-expression", "artist = :a",
                "--expression-attribute-values", values, "--page-size", "4")
    assert found["Items"] == songs
    found = aws("query", "--table-name", table, "--index-name", "by-year",
                "--key-condition-expression", "artist = :a AND #y < :y", "--no-scan-index-forward",
                "--expression-attribute-names", {"#y": "year"},
                "--expression-attribute-values", values | {":y": {"N": "1963"}})
    assert found["Items"] == songs[2::-1]
    found = aws("scan", "--table-name", table, "--index-name", "of-year", "--select", "COUNT")
    assert found["Count"] == 25
    found = aws("scan", "--table-name", table, "--filter-expression", "#y = :y",
                "--expression-attribute-names", {"#y": "year"},
                "--expression-attribute-values", {":y": {"N": "1970"}})
    assert found["Items"] == [songs[10]]
    aws("batch-write-item", "--request-items", {table: [
        {"DeleteRequest": {"Key": {"artist": song["artist"], "song": song["song"]}}}
        for song in songs]})
    assert aws("scan", "--table-name", table)["Items"] == []


def test_statements(aws, table):
    def statement(text, **options):
        return {"Statement": text} | options

    where = "WHERE artist = 'Statements' AND song = '1'"
    aws("execute-statement", "--statement",
        f"INSERT INTO \"{table}\" VALUE {{'artist': ?, 'song': '1', 'year': 1960}}",
        "--parameters", [{"S": "Statements"}])
    told = aws("execute-statement", "--statement", f'SELECT year FROM "{table}" {where}')
    assert told["Items"] == [{"year": {"N": "1960"}}]
    told = aws("batch-execute-statement", "--statements",
               [statement(f'SELECT year FROM "{table}" {where}')])
    assert told["Responses"] == [{"TableName": table, "Item": {"year": {"N": "1960"}}}]
    told = aws("execute-transaction", "--transact-statements",
               [statement(f'DELETE FROM "{table}" {where} AND year = ?', Parameters=[{"N": "1960"}])])
    assert told["Responses"] == [{}]


def test_tags(aws, table):
    arn = aws("describe-table", "--table-name", table)["Table"]["TableArn"]
    aws("tag-resource", "--resource-arn", arn, "--tags", "Key=stage,Value=test")
    told = aws("list-tags-of-resource", "--resource-arn", arn)["Tags"]
    assert sorted(tag["Key"] for tag in told) == ["made-by", "stage"]
    aws("untag-resource", "--resource-arn", arn, "--tag-keys", "stage")
    assert aws("list-tags-of-resource", "--resource-arn", arn)["Tags"] == [
        {"Key": "made-by", "Value": "cli"}]


def test_time_to_live(aws, table):
    aws("update-time-to-live", "--table-name", table,
        "--time-to-live-specification", "Enabled=true,AttributeName=expires")
    told = aws("describe-time-to-live", "--table-name", table)["TimeToLiveDescription"]
    assert told["AttributeName"] == "expires"


def test_account(aws, table):
    assert aws("describe-limits")["TableMaxReadCapacityUnits"] == 40_000
    assert aws("describe-endpoints")["Endpoints"]
    told = aws("describe-continuous-backups", "--table-name", table)
    assert told["ContinuousBackupsDescription"]["ContinuousBackupsStatus"] == "ENABLED"


def test_operations_of_later_versions_say_so(aws, table):
    said = aws("describe-global-table", "--global-table-name", table, fails=True)
    assert "UnknownOperationException" in said
