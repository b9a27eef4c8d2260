"""Least privilege: policies enforced and observed.

Most tests act as users of a policies file, who are restricted as functions under their roles are;
the last one runs a function.
"""

import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from conftest import definitions, index_of, key_schema, make_client
from lambda_code import python_zip
from server_process import run_to_end

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"
ORDERS = ARN + "orders"


def allow(actions, resources, **condition):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if condition:
        statement["Condition"] = condition["condition"]
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture
def guarded(own_server, tmp_path):
    """Starts a server with policies of users, and two tables in it; gives it and a client whom no
    policy concerns."""

    def start(mode, **users):
        path = tmp_path / "policies.json"
        path.write_text(json.dumps({"users": users}))
        server = own_server("--in-memory", "--iam", mode, "--policies", path)
        admin = make_client(server.endpoint)
        for name in ("orders", "other"):
            admin.create_table(
                TableName=name, KeySchema=key_schema(hash="id", range="n"),
                AttributeDefinitions=definitions(id="S", n="N", kind="S"),
                GlobalSecondaryIndexes=[index_of("byKind", hash="kind")],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        return server, admin

    return start


def call(server, path, method="GET", body=None, key=None):
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={key}/20261121/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=0")
        headers["X-Amz-Date"] = "20261121T000000Z"
    request = urllib.request.Request(
        server.endpoint + path, method=method, headers=headers,
        data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def item(id, n=1, **more):
    return {"id": {"S": id}, "n": {"N": str(n)}} | {k: {"S": v} for k, v in more.items()}


def denied(operation, **parameters):
    """The message of a call that must be denied."""
    with pytest.raises(ClientError) as caught:
        operation(**parameters)
    response = caught.value.response
    assert response["Error"]["Code"] == "AccessDeniedException", response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response["Error"]["Message"]


def test_what_no_policy_allows_is_denied(guarded):
    server, admin = guarded("enforce", READER=[allow(["dynamodb:GetItem"], ORDERS)])
    reader = make_client(server.endpoint, access_key="READER")
    admin.put_item(TableName="orders", Item=item("a"))
    assert reader.get_item(TableName="orders", Key=item("a"))["Item"] == item("a")
    assert reader.get_item(TableName=ORDERS, Key=item("a"))["Item"] == item("a")
    assert denied(reader.put_item, TableName="orders", Item=item("b")) == (
        "User: arn:aws:iam::000000000000:user/READER is not authorized to perform: "
        f"dynamodb:PutItem on resource: {ORDERS} because no identity-based policy allows the "
        "dynamodb:PutItem action")
    assert "Item" not in admin.get_item(TableName="orders", Key=item("b"))
    denied(reader.get_item, TableName="other", Key=item("a"))
    # A table that isn't there is denied before it is missed.
    denied(reader.get_item, TableName="missing", Key=item("a"))
    # The name of another partition leads past no policy.
    denied(reader.put_item, TableName=ORDERS.replace("arn:aws:", "arn:aws-cn:"), Item=item("b"))
    # Whoever no policy was given for is not restricted.
    admin.put_item(TableName="other", Item=item("b"))


def test_denials_win(guarded):
    policy = allow("dynamodb:*", "*")
    policy["Statement"].append(
        {"Sid": "NoDeletes", "Effect": "Deny", "Action": "dynamodb:Delete*", "Resource": "*"})
    server, _ = guarded("enforce", WRITER=[policy])
    writer = make_client(server.endpoint, access_key="WRITER")
    writer.put_item(TableName="orders", Item=item("a"))
    assert denied(writer.delete_item, TableName="orders", Key=item("a")).endswith(
        "with an explicit deny in an identity-based policy")


def test_each_operation_needs_its_action(guarded):
    server, _ = guarded("enforce", NOBODY=[])
    nobody = make_client(server.endpoint, access_key="NOBODY")
    streams = make_client(server.endpoint, "streams", access_key="NOBODY")
    stream_arn = make_client(server.endpoint).describe_table(
        TableName="orders")["Table"]["LatestStreamArn"]
    key = item("a")
    calls = [
        (nobody.get_item, {"TableName": "orders", "Key": key}, "GetItem", ORDERS),
        (nobody.batch_get_item, {"RequestItems": {"orders": {"Keys": [key]}}},
         "BatchGetItem", ORDERS),
        (nobody.batch_write_item,
         {"RequestItems": {"orders": [{"PutRequest": {"Item": key}}]}}, "BatchWriteItem", ORDERS),
        (nobody.query,
         {"TableName": "orders", "IndexName": "byKind", "KeyConditionExpression": "kind = :k",
          "ExpressionAttributeValues": {":k": {"S": "x"}}}, "Query", ORDERS + "/index/byKind"),
        (nobody.scan, {"TableName": "orders"}, "Scan", ORDERS),
        (nobody.transact_write_items,
         {"TransactItems": [{"ConditionCheck": {
             "TableName": "orders", "Key": key, "ConditionExpression": "attribute_exists(id)"}}]},
         "ConditionCheckItem", ORDERS),
        (nobody.transact_get_items,
         {"TransactItems": [{"Get": {"TableName": "orders", "Key": key}}]}, "GetItem", ORDERS),
        (nobody.execute_statement, {"Statement": 'SELECT * FROM "orders"."byKind"'},
         "PartiQLSelect", ORDERS + "/index/byKind"),
        (nobody.execute_statement,
         {"Statement": "INSERT INTO \"orders\" VALUE {'id':'a','n':1}"}, "PartiQLInsert", ORDERS),
        (nobody.execute_transaction,
         {"TransactStatements": [
             {"Statement": "DELETE FROM \"orders\" WHERE id='a' AND n=1"}]},
         "PartiQLDelete", ORDERS),
        (nobody.describe_table, {"TableName": "orders"}, "DescribeTable", ORDERS),
        (nobody.list_tables, {}, "ListTables", ARN + "*"),
        (nobody.describe_limits, {}, "DescribeLimits", "*"),
        (nobody.tag_resource, {"ResourceArn": ORDERS, "Tags": [{"Key": "a", "Value": "b"}]},
         "TagResource", ORDERS),
        (nobody.delete_table, {"TableName": "orders"}, "DeleteTable", ORDERS),
        (streams.list_streams, {"TableName": "orders"}, "ListStreams", ORDERS + "/stream/*"),
        (streams.describe_stream, {"StreamArn": stream_arn}, "DescribeStream", stream_arn),
        (streams.get_records, {"ShardIterator": stream_arn + "|1|AAAA"}, "GetRecords", stream_arn),
    ]
    for operation, parameters, action, resource in calls:
        message = denied(operation, **parameters)
        assert f"perform: dynamodb:{action} on resource: {resource} because" in message


def test_conditions_on_keys_and_attributes(guarded):
    fine = allow(
        ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:PartiQLSelect"],
        ORDERS, condition={
            "ForAllValues:StringEquals": {
                "dynamodb:LeadingKeys": ["${aws:username}"],
                "dynamodb:Attributes": ["id", "n", "title"]},
            "Null": {"dynamodb:LeadingKeys": "false"},
            "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}})
    server, admin = guarded("enforce", ann=[fine])
    ann = make_client(server.endpoint, access_key="ann")
    admin.put_item(TableName="orders", Item=item("ann", title="t", secret="s"))
    got = ann.get_item(
        TableName="orders", Key=item("ann"), ProjectionExpression="#t",
        ExpressionAttributeNames={"#t": "title"})
    assert got["Item"] == {"title": {"S": "t"}}
    denied(ann.get_item, TableName="orders", Key=item("ann"))
    denied(ann.get_item, TableName="orders", Key=item("bob"), ProjectionExpression="title")
    denied(ann.get_item, TableName="orders", Key=item("ann"), ProjectionExpression="secret")
    query = {"TableName": "orders", "ProjectionExpression": "title",
             "KeyConditionExpression": "id = :i"}
    values = {":i": {"S": "ann"}}
    assert ann.query(**query, ExpressionAttributeValues=values)["Count"] == 1
    denied(ann.query, **query, ExpressionAttributeValues={":i": {"S": "bob"}})
    denied(ann.query, **query, FilterExpression="secret = :s",
           ExpressionAttributeValues=values | {":s": {"S": "s"}})
    update = {"TableName": "orders", "Key": item("ann")}
    ann.update_item(**update, UpdateExpression="SET title = :t",
                    ExpressionAttributeValues={":t": {"S": "u"}})
    denied(ann.update_item, **update, UpdateExpression="SET title = secret")
    rows = ann.execute_statement(Statement="SELECT title FROM orders WHERE id = 'ann'")["Items"]
    assert rows == [{"title": {"S": "u"}}]
    denied(ann.execute_statement, Statement="SELECT title FROM orders WHERE id = 'bob'")
    denied(ann.execute_statement, Statement="SELECT title FROM orders")


def test_the_lambda_api_is_guarded(guarded):
    name = "arn:aws:lambda:us-east-1:000000000000:function:mail"
    server, _ = guarded("enforce", CALLER=[allow("lambda:InvokeFunction", name)])
    caller = make_client(server.endpoint, "lambda", access_key="CALLER")
    # What is allowed goes on to find no such function.
    for function in ("mail", name):
        with pytest.raises(caller.exceptions.ResourceNotFoundException):
            caller.invoke(FunctionName=function)
    with pytest.raises(ClientError) as caught:
        caller.delete_function(FunctionName="mail")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert caught.value.response["Error"]["Message"] == (
        "User: arn:aws:iam::000000000000:user/CALLER is not authorized to perform: "
        f"lambda:DeleteFunction on resource: {name} because no identity-based policy allows the "
        "lambda:DeleteFunction action")
    with pytest.raises(ClientError, match="lambda:ListFunctions on resource"):
        caller.list_functions()


def test_a_batch_of_statements_is_refused_statement_by_statement(guarded):
    server, admin = guarded("enforce", READER=[allow("dynamodb:PartiQLSelect", ORDERS)])
    reader = make_client(server.endpoint, access_key="READER")
    for table in ("orders", "other"):
        admin.put_item(TableName=table, Item=item("a"))
    answer = reader.batch_execute_statement(Statements=[
        {"Statement": "SELECT * FROM other WHERE id = 'a' AND n = 1"},
        {"Statement": "SELECT * FROM orders WHERE id = 'a' AND n = 1"},
        {"Statement": "SELECT * FROM other WHERE id = 'a' AND n = 1"}])["Responses"]
    assert [r.get("Error", {}).get("Code") for r in answer] == [
        "AccessDenied", None, "AccessDenied"]
    assert answer[1]["Item"] == item("a")
    assert "dynamodb:PartiQLSelect" in answer[0]["Error"]["Message"]


def test_a_tables_policy_allows_and_denies(guarded):
    server, admin = guarded(
        "enforce", GUEST=[], OWNER=[allow("dynamodb:*", "*")])
    guest = make_client(server.endpoint, access_key="GUEST")
    owner = make_client(server.endpoint, access_key="OWNER")
    user = "arn:aws:iam::000000000000:user/"
    admin.put_resource_policy(ResourceArn=ORDERS, Policy=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": user + "GUEST"},
             "Action": "dynamodb:PutItem", "Resource": ORDERS},
            {"Effect": "Deny", "Principal": {"AWS": user + "OWNER"},
             "Action": "dynamodb:PutItem", "Resource": ORDERS}]}))
    guest.put_item(TableName="orders", Item=item("a"))
    assert denied(owner.put_item, TableName="orders", Item=item("a")).endswith(
        "with an explicit deny in a resource-based policy")
    admin.delete_resource_policy(ResourceArn=ORDERS)
    denied(guest.put_item, TableName="orders", Item=item("a"))
    owner.put_item(TableName="orders", Item=item("a"))


def test_the_observed_policy_allows_the_same_and_nothing_else(guarded, own_server, tmp_path):
    server, admin = guarded("observe", APP=[])
    app = make_client(server.endpoint, access_key="APP")

    def workload(app):
        app.put_item(TableName="orders", Item=item("a", kind="x"))
        app.get_item(TableName="orders", Key=item("a"))
        app.query(TableName="orders", IndexName="byKind", KeyConditionExpression="kind = :k",
                  ExpressionAttributeValues={":k": {"S": "x"}})
        app.transact_write_items(TransactItems=[
            {"Update": {"TableName": "other", "Key": item("a"),
                        "UpdateExpression": "ADD hits :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}}}}])
        app.list_tables()

    workload(app)
    report = run_to_end(["iam", "report", "--endpoint", server.endpoint])
    assert report.returncode == 0, report.stderr
    assert "DENY  dynamodb:PutItem" in report.stdout and "user/APP" in report.stdout
    assert server.log().count("would be denied") == 5
    app.get_item(TableName="orders", Key=item("a"))
    assert server.log().count("would be denied") == 5, "logged once for each"
    printed = run_to_end(["iam", "policy", "user/APP", "--endpoint", server.endpoint])
    assert printed.returncode == 0, printed.stderr
    policy = json.loads(printed.stdout)
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"},
            {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
             "Resource": ORDERS},
            {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": ORDERS + "/index/byKind"},
            {"Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": ARN + "other"},
        ]}
    server.stop()

    server, admin = guarded("enforce", APP=[policy])
    app = make_client(server.endpoint, access_key="APP")
    workload(app)
    denied(app.get_item, TableName="other", Key=item("a"))
    denied(app.update_item, TableName="orders", Key=item("a"),
           UpdateExpression="REMOVE kind")
    denied(app.query, TableName="orders", KeyConditionExpression="id = :i",
           ExpressionAttributeValues={":i": {"S": "a"}})
    denied(app.describe_table, TableName="orders")


def test_roles_are_kept_and_told(own_server):
    server = own_server("--iam", "enforce")
    document = allow("dynamodb:GetItem", ORDERS)
    body = {"Policies": [{"PolicyName": "read", "PolicyDocument": document}],
            "RoleArn": "arn:aws:iam::000000000000:role/app",
            "ManagedPolicyArns": [
                "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]}
    assert call(server, "/_basalt/roles/app", "PUT", body) == (200, {})
    expected = {"RoleName": "app", "Source": "kept"} | body
    assert call(server, "/_basalt/roles/app") == (200, expected)
    server.kill()
    server.start()
    assert call(server, "/_basalt/roles") == (200, {"Roles": [expected]})
    status, answer = call(server, "/_basalt/roles/bad", "PUT", {"Policies": [
        {"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Allow"}]}}]})
    assert (status, answer["message"]) == (
        400, "policy 1 (p), statement 1: Policy statement must contain actions.")
    assert call(server, "/_basalt/roles/bad")[0] == 404
    assert call(server, "/_basalt/roles/app", "DELETE") == (200, {})
    assert call(server, "/_basalt/roles") == (200, {"Roles": []})


def test_the_restricted_cannot_give_themselves_rights(guarded):
    server, _ = guarded("enforce", READER=[])
    status, answer = call(
        server, "/_basalt/roles/app", "PUT", {"Policies": []}, key="READER")
    assert status == 403 and "may not change" in answer["Message"]
    assert call(server, "/_basalt/deployments/x", "PUT", {}, key="READER")[0] == 403


@pytest.mark.parametrize(("content", "fault"), [
    ('{"roles": {"app": [{"Statement": [{"Effect": "Allow"}]}]}}',
     "role app, policy 1, statement 1: Policy statement must contain actions."),
    ('{"users": {"K": {"Statement": [{"Sid": "A", "Effect": "No"}]}}}',
     "user K, policy 1, statement 1 (A): Syntax errors in policy."),
    ('{"people": {}}', "'people': expected 'roles' or 'users', each with names"),
    ('{"roles"', "not valid JSON"),
])
def test_a_wrong_file_ends_the_start(tmp_path, content, fault):
    path = tmp_path / "policies.json"
    path.write_text(content)
    ended = run_to_end(
        ["serve", "--in-memory", "--port", 0, "--iam", "enforce", "--policies", path])
    assert ended.returncode != 0
    assert ended.stderr.strip().endswith(f"{path}: {fault}")


def test_policies_in_yaml_and_in_a_directory(own_server, tmp_path):
    directory = tmp_path / "policies"
    directory.mkdir()
    (directory / "app.json").write_text(json.dumps(allow("dynamodb:GetItm", ORDERS)))
    (directory / "worker.yaml").write_text(
        "- Version: 2012-10-17\n  Statement:\n  - Effect: Allow\n    Action: dynamodb:*\n"
        "    Resource: '*'\n- arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess\n")
    server = own_server("--in-memory", "--iam", "enforce", "--policies", directory)
    roles = call(server, "/_basalt/roles")[1]["Roles"]
    assert [role["RoleName"] for role in roles] == ["app", "worker"]
    assert "DynamoDB has no action 'dynamodb:getitm'" in server.log()


HANDLER = '''
import json, os, urllib.error, urllib.request

def handler(event, context):
    """Does an operation of DynamoDB with the credentials of the environment."""
    scope = f"20261121/{os.environ['AWS_REGION']}/dynamodb/aws4_request"
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"], method="POST",
        data=json.dumps(event["parameters"]).encode(), headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810." + event["operation"],
            "X-Amz-Date": "20261121T000000Z",
            "Authorization": "AWS4-HMAC-SHA256 Credential="
                + os.environ["AWS_ACCESS_KEY_ID"] + "/" + scope
                + ", SignedHeaders=host, Signature=0"})
    try:
        with urllib.request.urlopen(request) as response:
            return {"status": response.status}
    except urllib.error.HTTPError as error:
        return {"status": error.code} | json.load(error)
'''


def test_a_function_has_the_rights_of_its_role(guarded):
    server, admin = guarded("enforce")
    functions = make_client(server.endpoint, "lambda")
    functions.create_function(
        FunctionName="worker", Runtime="python3.12", Handler="app.handler", Timeout=30,
        Role="arn:aws:iam::000000000000:role/service/orders", Code={"ZipFile": python_zip(HANDLER)})
    functions.get_waiter("function_active_v2").wait(
        FunctionName="worker", WaiterConfig={"Delay": 1})

    def run(operation, **parameters):
        answer = functions.invoke(FunctionName="worker", Payload=json.dumps(
            {"operation": operation, "parameters": parameters}))
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.load(answer["Payload"])

    put = {"TableName": "orders", "Item": item("a")}
    get = {"TableName": "orders", "Key": item("a")}
    # Nobody described the role yet.
    assert run("PutItem", **put) == {"status": 200}
    assert "nobody described role 'orders'" in server.log()
    body = {"Policies": [
        {"PolicyName": "read", "PolicyDocument": allow("dynamodb:GetItem", ORDERS)}]}
    assert call(server, "/_basalt/roles/orders", "PUT", body)[0] == 200
    assert run("GetItem", **get) == {"status": 200}
    assert run("PutItem", **put) == {
        "status": 400, "__type": "com.amazon.coral.service#AccessDeniedException",
        "Message": (
            "User: arn:aws:sts::000000000000:assumed-role/orders/worker is not authorized to "
            f"perform: dynamodb:PutItem on resource: {ORDERS} because no identity-based policy "
            "allows the dynamodb:PutItem action")}
    printed = run_to_end(["iam", "policy", "orders", "--endpoint", server.endpoint])
    assert json.loads(printed.stdout)["Statement"] == [
        {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
         "Resource": ORDERS}]
