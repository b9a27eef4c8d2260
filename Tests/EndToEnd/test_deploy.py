"""`basalt deploy` and `basalt serve --template`: templates of the kind that AWS's samples are."""

import json
import shutil
import time
import urllib.error
import urllib.request

import pytest

from conftest import make_client
from sam_expansion import SERVERLESS, TEMPLATES, expansion, normal
from server_process import run_to_end

PARAMETERS = {"plain": ["--parameter", "TableName=plain-table"]}


class Deployer:
    """Runs `basalt deploy` against a server, with queues, topics and buckets outside."""

    def __init__(self, server, outside=None):
        self.server = server
        self.flags = ["--endpoint", server.endpoint] + (outside.flags if outside else [])

    def run(self, template, *arguments):
        return run_to_end(["deploy", template, *self.flags, *arguments], seconds=120)

    def __call__(self, template, *arguments):
        result = self.run(template, *arguments)
        assert result.returncode == 0, result.stderr + result.stdout
        return result.stdout.splitlines()

    def record(self, stack):
        """What the server keeps of a stack."""
        with urllib.request.urlopen(
                f"{self.server.endpoint}/_basalt/deployments/{stack}") as response:
            return json.load(response)


def actions(lines, *kinds):
    """The logical ids that were created, updated and so on."""
    found = []
    for line in lines:
        words = line.removeprefix("would be ").split()
        if len(words) > 1 and words[0] in kinds:
            found.append(words[1])
    return found


@pytest.fixture
def deploy(own_server, outside):
    return Deployer(own_server(*outside.flags), outside)


@pytest.fixture
def deploy_here(own_server):
    """Without anything outside."""
    return Deployer(own_server())


def copied(name, tmp_path):
    return shutil.copytree(TEMPLATES / name, tmp_path / name)


@pytest.mark.parametrize("name", ["orders", "aggregator", "worker", "crud", "cleanup", "plain"])
def test_a_second_run_changes_nothing(deploy, name):
    stack = ["--stack", f"{name}-twice"]
    planned = actions(
        deploy(TEMPLATES / name, *stack, "--dry-run", *PARAMETERS.get(name, [])), "created")
    first = deploy(TEMPLATES / name, *stack, *PARAMETERS.get(name, []))
    created = actions(first, "created")
    assert created == planned and not actions(first, "updated", "deleted", "unchanged")
    second = deploy(TEMPLATES / name, *stack, *PARAMETERS.get(name, []))
    assert sorted(actions(second, "unchanged")) == sorted(created)
    assert not actions(second, "created", "updated", "deleted")
    kept = [resource["LogicalId"] for resource in deploy.record(f"{name}-twice")["Resources"]]
    assert sorted(kept) == sorted(created)
    deploy(TEMPLATES / name, *stack, "--delete", *PARAMETERS.get(name, []))


def test_what_a_template_says_is_there(deploy, outside):
    lines = deploy(TEMPLATES / "orders", "--parameter", "Stage=prod")
    assert "skipped CreateOrder.Events.Post (Api)" in lines
    assert "output Table = orders-OrdersTable" in lines
    assert "output ProdOnly = true" in lines
    dynamodb, functions = make_client(deploy.server.endpoint), make_client(
        deploy.server.endpoint, "lambda")
    table = dynamodb.describe_table(TableName="orders-OrdersTable")["Table"]
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert table["GlobalSecondaryIndexes"][0]["IndexName"] == "by-status"
    backups = dynamodb.describe_continuous_backups(TableName="orders-OrdersTable")
    assert backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
        "PointInTimeRecoveryStatus"] == "ENABLED"
    expiry = dynamodb.describe_time_to_live(TableName="orders-OrdersTable")
    assert expiry["TimeToLiveDescription"]["AttributeName"] == "expires"
    found = functions.get_function(FunctionName="orders-CreateOrder")
    assert found["Configuration"]["MemorySize"] == 512
    assert found["Configuration"]["Environment"]["Variables"] == {
        "STAGE": "prod", "TABLE": "orders-OrdersTable", "POWERTOOLS_SERVICE_NAME": "orders"}
    assert found["Tags"] == {"lambda:createdBy": "SAM"}
    alias = functions.get_alias(FunctionName="orders-CreateOrder", Name="live")
    assert alias["FunctionVersion"] == "1"
    mapping, = functions.list_event_source_mappings(
        FunctionName="orders-OnOrder")["EventSourceMappings"]
    assert mapping["EventSourceArn"] == table["LatestStreamArn"]
    queue = outside.client("sqs").get_queue_url(QueueName="orders-DeadLetters")["QueueUrl"]
    attributes = outside.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["MessageRetentionPeriod"] == "1209600"
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == attributes["QueueArn"]
    with urllib.request.urlopen(
            f"{deploy.server.endpoint}/_basalt/roles/orders-CreateOrderRole") as response:
        role = json.load(response)
    assert [policy["PolicyName"] for policy in role["Policies"]] == [
        "AWSLambdaBasicExecutionRole", "CreateOrderRolePolicy0"]
    resources = role["Policies"][1]["PolicyDocument"]["Statement"][0]["Resource"]
    assert resources[0] == table["TableArn"]


def test_what_was_deployed_runs(own_server):
    """The function writes as its policies allow, and what it wrote reaches the other function."""
    server = own_server("--iam", "enforce")
    Deployer(server)(TEMPLATES / "orders")
    functions, logs = make_client(server.endpoint, "lambda"), make_client(server.endpoint, "logs")
    answer = functions.invoke(
        FunctionName="orders-CreateOrder:live",
        Payload=json.dumps({"customer": "ann", "order": "7", "status": "open"}))
    assert json.load(answer["Payload"]) == {"stage": "dev", "kept": "7"}
    started = time.monotonic()
    messages = []
    while not any("INSERT" in message for message in messages):
        assert time.monotonic() - started < 60, server.log()
        time.sleep(0.1)
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/orders-OnOrder")["events"]
        except logs.exceptions.ResourceNotFoundException:
            continue
        messages = [event["message"] for event in events]


def test_what_changed_is_updated_and_nothing_else(deploy_here, tmp_path):
    folder = copied("aggregator", tmp_path)
    deploy_here(folder)
    functions = make_client(deploy_here.server.endpoint, "lambda")
    before = functions.get_function_configuration(FunctionName="aggregator-Aggregate")

    (folder / "src" / "aggregate.py").write_text("def handler(event, context):\n    return {}\n")
    assert actions(deploy_here(folder), "created", "updated", "deleted") == ["Aggregate"]
    after = functions.get_function_configuration(FunctionName="aggregator-Aggregate")
    assert after["CodeSha256"] != before["CodeSha256"]
    assert after["Layers"] == before["Layers"]

    template = (folder / "template.yaml").read_text()
    template = template.replace("TumblingWindowInSeconds: 60", "BatchSize: 7")
    template = template.replace("ReservedConcurrentExecutions: 3", "Timeout: 7")
    (folder / "template.yaml").write_text(template)
    lines = deploy_here(folder, "--dry-run")
    assert "would be updated Aggregate (AWS::Lambda::Function): aggregator-Aggregate" in lines
    assert functions.get_function_configuration(
        FunctionName="aggregator-Aggregate")["Timeout"] == 3
    assert sorted(actions(deploy_here(folder), "created", "updated", "deleted")) == [
        "Aggregate", "AggregateStream"]
    found = functions.get_function(FunctionName="aggregator-Aggregate")
    assert found["Configuration"]["Timeout"] == 7 and "Concurrency" not in found
    mapping, = functions.list_event_source_mappings(
        FunctionName="aggregator-Aggregate")["EventSourceMappings"]
    assert mapping["BatchSize"] == 7 and mapping["TumblingWindowInSeconds"] == 0

    (folder / "layer" / "python" / "shared.py").write_text('NAME = "sums"\n')
    lines = deploy_here(folder)
    assert actions(lines, "created", "updated") == ["Shared", "Aggregate"]
    layers = functions.get_function_configuration(FunctionName="aggregator-Aggregate")["Layers"]
    assert layers[0]["Arn"].endswith(":layer:Shared:2")

    without = template.split("  Shared:")[0]
    (folder / "template.yaml").write_text(without)
    assert actions(deploy_here(folder), "deleted") == [
        "AggregateStream", "AggregateEventInvokeConfig", "Aggregate", "AggregateRole"]
    assert functions.list_functions()["Functions"] == []
    assert not functions.list_event_source_mappings()["EventSourceMappings"]


def test_roles_have_what_is_attached_to_them(deploy_here, tmp_path):
    folder = copied("crud", tmp_path)
    deploy_here(folder)

    def policies():
        url = f"{deploy_here.server.endpoint}/_basalt/roles/crud-WriteRole"
        with urllib.request.urlopen(url) as response:
            return {policy["PolicyName"]: policy["PolicyDocument"]["Statement"]
                    for policy in json.load(response)["Policies"]}

    assert sorted(policies()) == ["AWSLambdaBasicExecutionRole", "Common", "write-notes"]
    lines = deploy_here(TEMPLATES / "events", "--dry-run")
    assert "note FRole: arn:aws:iam::123456789012:policy/x isn't known here and allows nothing" \
        in lines
    assert policies()["write-notes"][0]["Resource"].endswith(":table/crud-Notes")
    template = (folder / "template.yaml").read_text()
    (folder / "template.yaml").write_text(template.replace("'dynamodb:DescribeTable'", "'s3:*'"))
    assert actions(deploy_here(folder), "updated") == ["Common"]
    assert policies()["Common"][0]["Action"] == "s3:*"
    (folder / "template.yaml").write_text(template.split("  WritePolicy:")[0])
    assert actions(deploy_here(folder), "updated", "deleted") == ["Common", "WritePolicy"]
    assert sorted(policies()) == ["AWSLambdaBasicExecutionRole", "Common"]
    renamed = template.replace("Type: AWS::Serverless::SimpleTable", """Type: AWS::Serverless::SimpleTable
    Properties: {TableName: notes}""")
    (folder / "template.yaml").write_text(renamed)
    lines = deploy_here(folder)
    assert "deleted Notes (AWS::DynamoDB::Table): crud-Notes" in lines
    assert make_client(deploy_here.server.endpoint).list_tables()["TableNames"] == ["notes"]
    assert policies()["write-notes"][0]["Resource"].endswith(":table/notes")
    assert not actions(deploy_here(folder), "created", "updated", "deleted")


TABLE = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: changing
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
        - {AttributeName: o, AttributeType: S}
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
"""
INDEX = """
      GlobalSecondaryIndexes:
        - IndexName: by-o
          KeySchema: [{AttributeName: o, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
"""


def test_tables_are_changed_in_place(deploy_here, tmp_path):
    template = tmp_path / "table.yaml"
    client = make_client(deploy_here.server.endpoint)
    plain = TABLE.replace("        - {AttributeName: o, AttributeType: S}\n", "")

    def table():
        return client.describe_table(TableName="changing")["Table"]

    template.write_text(plain)
    deploy_here(template)
    client.put_item(TableName="changing", Item={"id": {"S": "a"}, "o": {"S": "b"}})
    template.write_text(TABLE + INDEX + """
      StreamSpecification: {StreamViewType: KEYS_ONLY}
      DeletionProtectionEnabled: true
      TimeToLiveSpecification: {AttributeName: t, Enabled: 'true'}
      Tags: [{Key: a, Value: 1}]
""")
    assert actions(deploy_here(template), "updated") == ["Table"]
    assert table()["GlobalSecondaryIndexes"][0]["IndexName"] == "by-o"
    assert table()["DeletionProtectionEnabled"] and table()["LatestStreamArn"]
    assert client.query(
        TableName="changing", IndexName="by-o", KeyConditionExpression="o = :o",
        ExpressionAttributeValues={":o": {"S": "b"}})["Count"] == 1

    template.write_text(TABLE.replace("BillingMode: PAY_PER_REQUEST", """BillingMode: PROVISIONED
      ProvisionedThroughput: {ReadCapacityUnits: 3, WriteCapacityUnits: 4}""") + INDEX.rstrip()
        + "\n          ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}\n")
    deploy_here(template)
    assert table()["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    assert not table()["DeletionProtectionEnabled"]
    assert not table().get("StreamSpecification", {}).get("StreamEnabled", False)
    assert client.list_tags_of_resource(ResourceArn=table()["TableArn"])["Tags"] == []

    template.write_text(plain.replace("AttributeName: id", "AttributeName: key"))
    result = deploy_here.run(template)
    assert result.returncode == 1
    assert "table.yaml:4: Resources.Table: the key schema of the table changing" in result.stderr
    assert "--replace" in result.stderr
    assert client.scan(TableName="changing")["Count"] == 1
    deploy_here(template, "--replace")
    assert table()["KeySchema"][0]["AttributeName"] == "key"
    assert client.scan(TableName="changing")["Count"] == 0


def test_a_deployment_that_failed_goes_on(deploy_here, tmp_path):
    folder = copied("crud", tmp_path)
    template = (folder / "template.yaml").read_text()
    (folder / "template.yaml").write_text(template.replace("Handler: app.handler", "Timeout: 5000"))
    result = deploy_here.run(folder)
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1
    assert "created Notes" in result.stdout
    (folder / "template.yaml").write_text(template)
    lines = deploy_here(folder)
    assert "Notes" in actions(lines, "unchanged")
    assert "Read" in actions(lines, "created")


def test_retained_resources_stay(deploy_here):
    deploy_here(TEMPLATES / "plain", *PARAMETERS["plain"])
    lines = deploy_here(TEMPLATES / "plain", "--delete")
    assert "skipped Table (AWS::DynamoDB::Table): its DeletionPolicy keeps plain-table" in lines
    assert make_client(deploy_here.server.endpoint).list_tables()["TableNames"] == ["plain-table"]
    assert deploy_here(TEMPLATES / "plain", "--delete") == ["plain: nothing to do"]


def test_what_is_outside_is_skipped_by_name(deploy_here):
    lines = deploy_here(TEMPLATES / "worker")
    assert "skipped Jobs (AWS::SQS::Queue): no --sqs-endpoint is given" in lines
    assert "skipped News (AWS::SNS::Topic): no --sns-endpoint is given" in lines
    assert "skipped Uploads (AWS::S3::Bucket): no --s3-endpoint is given" in lines
    assert any(line.startswith("skipped WorkerJob ") for line in lines)
    assert actions(lines, "created") == ["WorkerRole", "Worker"]


def test_queues_topics_and_buckets_are_made_outside(deploy, outside):
    lines = deploy(TEMPLATES / "worker", "--stack", "outer")
    sqs = outside.client("sqs")
    url = sqs.get_queue_url(QueueName="outer-Jobs")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "60"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 3
    assert f"output JobsUrl = {url}" in lines and "output JobsName = outer-Jobs" in lines
    outside.client("s3").put_object(Bucket="outer-uploads", Key="a.json", Body=b"{}")
    topic = outside.client("sns").list_topics()["Topics"]
    arn = next(entry["TopicArn"] for entry in topic if entry["TopicArn"].endswith(":outer-News"))
    subscription, = outside.client("sns").list_subscriptions_by_topic(
        TopicArn=arn)["Subscriptions"]
    assert subscription["Endpoint"] == attributes["QueueArn"]
    result = deploy.run(TEMPLATES / "worker", "--stack", "outer", "--delete")
    assert "Uploads: BucketNotEmpty" in result.stderr
    outside.client("s3").delete_object(Bucket="outer-uploads", Key="a.json")
    deploy(TEMPLATES / "worker", "--stack", "outer", "--delete")
    assert not any("outer-" in url for url in sqs.list_queues().get("QueueUrls", []))


@pytest.mark.parametrize("text, message", [
    ("Resources: [", "not valid YAML"),
    ("Resources:\n  A: {Type: X, Properties: {b: !Ref B}}", "bad.yaml:2: there is no parameter"),
    ("Resources:\n  A: {Type: X, DependsOn: A}", "bad.yaml:2: resources depend on each other: A → A"),
    ("Resources:\n  A: {Type: AWS::Serverless::Function}", "needs Transform"),
    ("Transform: AWS::Serverless-2016-10-31\nResources:\n"
     "  A: {Type: AWS::Serverless::Function, Properties: {CodeUri: nowhere, Runtime: python3.12}}",
     "Resources.A: "),
    ("Resources:\n  A: {Type: AWS::DynamoDB::Table, Properties: {TableName: xyz}}",
     "bad.yaml:2: Resources.A: expected KeySchema"),
    ("Resources:\n  A: {Type: AWS::DynamoDB::Table, Properties: {TableName: xyz, "
     "KeySchema: [{AttributeName: a, KeyType: HASH}], AttributeDefinitions: []}}",
     "bad.yaml:2: A: ValidationException: "),
])
def test_faults_are_one_line_with_the_place(server, tmp_path, text, message):
    template = tmp_path / "bad.yaml"
    template.write_text(text)
    result = Deployer(server).run(template)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1 and message in result.stderr, result.stderr


def test_parameters_and_servers_are_checked(server, tmp_path):
    template = TEMPLATES / "orders"
    for arguments, message in [
            (["--parameter", "Stage=test"], "expected one of dev, prod, not 'test'"),
            (["--parameter", "Nope=1"], "has no parameter Nope; it has Stage"),
            (["--parameter", "Stage"], "no parameter like NAME=VALUE"),
            (["--stack", "a b"], "no stack's name"),
            (["--endpoint", "http://127.0.0.1:9"], "nobody answers on http://127.0.0.1:9")]:
        result = Deployer(server).run(template, *arguments)
        assert result.returncode != 0 and message in result.stderr, result.stderr
    result = Deployer(server).run(tmp_path / "absent.yaml")
    assert result.returncode == 1 and "No such file" in result.stderr


def local_code(value):
    """Paths as the translator was given them: in a bucket."""
    if isinstance(value, list):
        return [local_code(element) for element in value]
    if isinstance(value, dict):
        for key in ("Code", "Content"):
            if isinstance(value.get(key), str):
                value[key] = {"S3Bucket": "local", "S3Key": value[key]}
        return {key: local_code(member) for key, member in value.items()}
    return value


@pytest.mark.parametrize("name", SERVERLESS)
def test_sam_is_written_out_as_aws_does(name):
    result = run_to_end(["deploy", TEMPLATES / name, "--expand"])
    assert result.returncode == 0, result.stderr
    ours, theirs = normal(local_code(json.loads(result.stdout))), expansion(name)["Resources"]
    assert sorted(ours) == sorted(theirs)
    for resource in ours:
        assert ours[resource] == theirs[resource], resource


def wait_until_announced(server, times=1):
    """Returns when the server told that it is ready: its template is deployed by then."""
    started = time.monotonic()
    while server.log().count("Basalt serves") < times:
        assert server.is_running() and time.monotonic() - started < 60, server.log()
        time.sleep(0.05)


def test_serve_begins_with_a_template(own_server, tmp_path):
    server = own_server(
        "--template", TEMPLATES / "plain", "--template-parameter", "TableName=at-start")
    client = make_client(server.endpoint)
    wait_until_announced(server)
    lines = Deployer(server)(TEMPLATES / "plain", "--parameter", "TableName=at-start")
    assert not actions(lines, "created", "updated")
    server.restart()
    wait_until_announced(server, times=2)
    assert "plain: 7 unchanged" in server.log()
    assert client.list_tables()["TableNames"] == ["at-start"]
    result = run_to_end(
        ["serve", "--port", "0", "--in-memory", "--template", TEMPLATES / "plain"])
    assert result.returncode == 1 and "give --parameter TableName=VALUE" in result.stderr


def test_deployments_are_documents_by_name(server):
    def call(method, name, body=None):
        request = urllib.request.Request(
            f"{server.endpoint}/_basalt/deployments{name}", method=method, data=body)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    assert call("GET", "/by-hand")[0] == 404
    assert call("PUT", "/by-hand", b"[]")[0] == 400
    assert call("PUT", "/a%20b", b"{}")[0] == 400
    assert call("PUT", "/by-hand", b'{"Resources": []}') == (200, {})
    assert call("GET", "/by-hand") == (200, {"Resources": []})
    listed = call("GET", "")[1]
    assert listed["AccountId"] == "000000000000" and "by-hand" in listed["Deployments"]
    assert call("DELETE", "/by-hand") == (200, {})
    assert call("DELETE", "/by-hand")[0] == 404
    assert call("POST", "/by-hand", b"{}")[0] == 405
