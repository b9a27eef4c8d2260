"""What every operation of the data plane answers where it is throttled.

A large item leaves a debt of a minute or more, so that what follows is refused however slow the
machine is.
"""

import pytest

from conftest import definitions, index_of, key_schema, make_client, next_table_name
from server_process import ServerProcess

PROVISIONED = "ProvisionedThroughputExceededException"
MESSAGES = {
    "table": (
        "The level of configured provisioned throughput for the table was exceeded. Consider "
        "increasing your provisioning level with the UpdateTable API."),
    "index": (
        "The level of configured provisioned throughput for one or more global secondary indexes "
        "of the table was exceeded. Consider increasing your provisioning level for the "
        "under-provisioned global secondary indexes with the UpdateTable API"),
    "maximum": "Throughput exceeds the maximum OnDemandThroughput configured on table or index",
}
LARGE = {"S": "x" * 400_000}


@pytest.fixture(scope="module")
def throttling(tmp_path_factory):
    log = tmp_path_factory.mktemp("throttling-answers") / "log.txt"
    process = ServerProcess(None, "--in-memory", "--throttling", "enforce", log_path=log).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def client(throttling):
    return make_client(throttling.endpoint)


class Case:
    """A table, or a global index of one, that owes more than a minute of reads and of writes."""

    def __init__(self, client, place, mode):
        self.client = client
        self.place = place
        self.mode = mode
        self.name = next_table_name()
        small = {"ProvisionedThroughput": units(1)} if mode == "provisioned" else {
            "OnDemandThroughput": {"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 1}}
        ample = {"ProvisionedThroughput": units(40_000)} if mode == "provisioned" else {}
        of_table, of_index = (small, ample) if place == "table" else (ample, small)
        client.create_table(
            TableName=self.name, KeySchema=key_schema(hash="id"),
            AttributeDefinitions=definitions(id="S", owner="S"),
            BillingMode="PROVISIONED" if mode == "provisioned" else "PAY_PER_REQUEST",
            GlobalSecondaryIndexes=[index_of("owners", hash="owner") | of_index], **of_table)
        client.put_item(
            TableName=self.name, Item={"id": {"S": "large"}, "owner": {"S": "ann"}, "note": LARGE})
        read = {"TableName": self.name, "ConsistentRead": True}
        if place == "index":
            read = {"TableName": self.name, "IndexName": "owners"}
        client.scan(**read)

    @property
    def code(self):
        return PROVISIONED if self.mode == "provisioned" else "ThrottlingException"

    @property
    def message(self):
        return MESSAGES[self.place if self.mode == "provisioned" else "maximum"]

    def reasons(self, kind):
        arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{self.name}"
        limit = (
            "ProvisionedThroughputExceeded" if self.mode == "provisioned"
            else "MaxOnDemandThroughputExceeded")
        return [{
            "reason": f"{self.place.capitalize()}{kind}{limit}",
            "resource": arn if self.place == "table" else f"{arn}/index/owners"}]

    def check(self, refusal, kind):
        assert (refusal.code, refusal.status) == (self.code, 400)
        assert refusal.message == self.message
        member = "throttlingReasons" if self.mode == "on-demand" else "ThrottlingReasons"
        assert refusal.response[member] == self.reasons(kind)


def units(count):
    return {"ReadCapacityUnits": count, "WriteCapacityUnits": count}


@pytest.fixture(scope="module", params=[
    (place, mode) for place in ("table", "index") for mode in ("provisioned", "on-demand")],
    ids=lambda param: "-".join(param))
def case(request, client):
    made = Case(client, *request.param)
    yield made
    client.delete_table(TableName=made.name)


KEY = {"id": {"S": "large"}}
ITEM = {"id": {"S": "small"}, "owner": {"S": "ann"}}

WRITES = {
    "PutItem": lambda name: ("put_item", {"TableName": name, "Item": ITEM}),
    "UpdateItem": lambda name: ("update_item", {
        "TableName": name, "Key": KEY, "UpdateExpression": "SET weight = :s",
        "ExpressionAttributeValues": {":s": {"N": "1"}}}),
    "DeleteItem": lambda name: ("delete_item", {"TableName": name, "Key": KEY}),
    "BatchWriteItem": lambda name: ("batch_write_item", {"RequestItems": {name: [
        {"PutRequest": {"Item": ITEM}}, {"DeleteRequest": {"Key": KEY}}]}}),
    "INSERT": lambda name: ("execute_statement", {
        "Statement": f"INSERT INTO \"{name}\" VALUE {{'id': 'small', 'owner': 'ann'}}"}),
    "UPDATE": lambda name: ("execute_statement", {
        "Statement": f"UPDATE \"{name}\" SET note='new' WHERE id='large'"}),
    "DELETE": lambda name: ("execute_statement", {
        "Statement": f"DELETE FROM \"{name}\" WHERE id='large'"}),
}
READS = {
    "GetItem": lambda name: ("get_item", {"TableName": name, "Key": KEY}),
    "BatchGetItem": lambda name: ("batch_get_item", {"RequestItems": {name: {"Keys": [
        KEY, {"id": {"S": "none"}}]}}}),
    "SELECT of an item": lambda name: ("execute_statement", {
        "Statement": f"SELECT * FROM \"{name}\" WHERE id='large'"}),
}
PAGES = {
    "Query": lambda name, index: ("query", {
        "TableName": name, "KeyConditionExpression": "#k = :v",
        "ExpressionAttributeNames": {"#k": "owner" if index else "id"},
        "ExpressionAttributeValues": {":v": {"S": "none"}}, **index}),
    "Query backwards": lambda name, index: ("query", {
        "TableName": name, "KeyConditionExpression": "#k = :v", "ScanIndexForward": False,
        "ExpressionAttributeNames": {"#k": "owner" if index else "id"},
        "ExpressionAttributeValues": {":v": {"S": "none"}}, **index}),
    "Scan": lambda name, index: ("scan", {"TableName": name, **index}),
    "parallel Scan": lambda name, index: (
        "scan", {"TableName": name, "Segment": 3, "TotalSegments": 4, **index}),
    "SELECT": lambda name, index: ("execute_statement", {
        "Statement": f'SELECT * FROM "{name}"' + ('."owners"' if index else "")}),
}


@pytest.mark.parametrize("operation", WRITES)
def test_writes(case, client, refused, operation):
    method, parameters = WRITES[operation](case.name)
    case.check(refused(getattr(client, method), **parameters), "Write")


@pytest.mark.parametrize("operation", READS)
def test_reads(case, client, refused, operation):
    method, parameters = READS[operation](case.name)
    if case.place == "index":
        # An index that is throttled is none of its table's reads' business.
        getattr(client, method)(**parameters)
    else:
        case.check(refused(getattr(client, method), **parameters), "Read")


@pytest.mark.parametrize("operation", PAGES)
def test_pages(case, client, refused, operation):
    index = {"IndexName": "owners"} if case.place == "index" else {}
    method, parameters = PAGES[operation](case.name, index)
    case.check(refused(getattr(client, method), **parameters), "Read")
    if not index:
        # The index has a throughput of its own.
        method, parameters = PAGES[operation](case.name, {"IndexName": "owners"})
        getattr(client, method)(**parameters)


def cancelled(case, refusal, count):
    """Checks a transaction of which `count` actions were throttled."""
    code = (
        "ProvisionedThroughputExceeded" if case.mode == "provisioned" else "ThrottlingError")
    assert (refusal.code, refusal.status) == ("TransactionCanceledException", 400)
    assert refusal.message == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join([code] * count + ['None'])}]")
    assert refusal.response["CancellationReasons"] == (
        [{"Code": code, "Message": case.message}] * count + [{"Code": "None"}])


@pytest.fixture(scope="module")
def ample(client):
    """A table that isn't throttled."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S"))
    yield name
    client.delete_table(TableName=name)


def test_write_transactions(case, client, refused, ample):
    put = {"Put": {"TableName": case.name, "Item": ITEM}}
    delete = {"Delete": {"TableName": case.name, "Key": KEY}}
    other = {"Put": {"TableName": ample, "Item": {"id": {"S": "t"}}}}
    refusal = refused(client.transact_write_items, TransactItems=[put, delete, other])
    cancelled(case, refusal, 2)
    statements = [
        {"Statement": f"INSERT INTO \"{case.name}\" VALUE {{'id': 'small', 'owner': 'ann'}}"},
        {"Statement": f"DELETE FROM \"{case.name}\" WHERE id='large'"},
        {"Statement": f"INSERT INTO \"{ample}\" VALUE {{'id': 't'}}"}]
    refusal = refused(client.execute_transaction, TransactStatements=statements)
    cancelled(case, refusal, 2)
    # Nothing of it was done.
    assert "Item" not in client.get_item(TableName=ample, Key={"id": {"S": "t"}})


def test_read_transactions(case, client, refused, ample):
    gets = [
        {"Get": {"TableName": case.name, "Key": KEY}},
        {"Get": {"TableName": ample, "Key": {"id": {"S": "none"}}}}]
    statements = [
        {"Statement": f"SELECT * FROM \"{case.name}\" WHERE id='large'"},
        {"Statement": f"SELECT * FROM \"{ample}\" WHERE id='none'"}]
    if case.place == "index":
        client.transact_get_items(TransactItems=gets)
        client.execute_transaction(TransactStatements=statements)
        return
    cancelled(case, refused(client.transact_get_items, TransactItems=gets), 1)
    cancelled(case, refused(client.execute_transaction, TransactStatements=statements), 1)


def test_batches_of_statements_have_an_error_each(case, client, ample):
    code = (
        "ProvisionedThroughputExceeded" if case.mode == "provisioned" else "ThrottlingError")
    error = {"Code": code, "Message": case.message}
    writes = [
        {"Statement": f"UPDATE \"{case.name}\" SET note='new' WHERE id='large'"},
        {"Statement": f"DELETE FROM \"{ample}\" WHERE id='none'"}]
    answers = client.batch_execute_statement(Statements=writes)["Responses"]
    assert answers == [{"Error": error, "TableName": case.name}, {"TableName": ample}]
    reads = [{"Statement": f"SELECT * FROM \"{case.name}\" WHERE id='large'"}]
    answers = client.batch_execute_statement(Statements=reads)["Responses"]
    if case.place == "table":
        assert answers == [{"Error": error, "TableName": case.name}]
    else:
        assert "Item" in answers[0]


def test_batches_go_on_with_other_tables(case, client, ample):
    item = {"PutRequest": {"Item": {"id": {"S": "b"}}}}
    put = {"PutRequest": {"Item": ITEM}}
    answer = client.batch_write_item(RequestItems={case.name: [put], ample: [item]})
    assert answer["UnprocessedItems"] == {case.name: [put]}
    if case.place == "index":
        return
    answer = client.batch_get_item(RequestItems={
        case.name: {"Keys": [KEY], "ProjectionExpression": "id"}, ample: {"Keys": [
            {"id": {"S": "b"}}]}})
    assert answer["UnprocessedKeys"] == {
        case.name: {"Keys": [KEY], "ProjectionExpression": "id"}}
    assert answer["Responses"][ample] == [{"id": {"S": "b"}}]


def test_what_only_describes_is_not_throttled(case, client):
    assert client.describe_table(TableName=case.name)["Table"]["TableStatus"] == "ACTIVE"
    assert case.name in client.list_tables()["TableNames"]


def test_requests_that_are_wrong_are_told_so(case, client, refused):
    """What a request gets wrong is told before what the table can't serve."""
    refusal = refused(client.put_item, TableName=case.name, Item={"other": {"S": "x"}})
    assert refusal.code == "ValidationException"
    refusal = refused(
        client.query, TableName=case.name, KeyConditionExpression="other = :v",
        ExpressionAttributeValues={":v": {"S": "x"}})
    assert refusal.code == "ValidationException"
