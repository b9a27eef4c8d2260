"""Functions over the Lambda API: made, told, changed, versioned, deleted; and what is refused."""

import base64
import hashlib
import http.client
import itertools
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import make_client
from lambda_code import ROLE, parameters, python_zip, zip_of

ACCOUNT = "000000000000"
numbers = itertools.count()


@pytest.fixture(scope="module")
def functions(server):
    return make_client(server.endpoint, "lambda")


@pytest.fixture
def name(functions):
    """A name of the test's own; the function is deleted after it."""
    name = f"function-{os.getpid()}-{next(numbers)}"
    yield name
    try:
        functions.delete_function(FunctionName=name)
    except functions.exceptions.ClientError:
        pass


def arn_of(name, qualifier=None):
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


def sha256(zipped):
    return base64.b64encode(hashlib.sha256(zipped).digest()).decode()


def test_create_and_get(functions, name):
    zipped = python_zip()
    created = functions.create_function(**parameters(
        name, Description="d", Timeout=7, MemorySize=256, Tags={"a": "b"},
        Environment={"Variables": {"KEY": "value"}}, TracingConfig={"Mode": "Active"},
        Code={"ZipFile": zipped}))
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert created["State"] == "Pending"
    assert created["StateReasonCode"] == "Creating"
    assert created["FunctionArn"] == arn_of(name)
    told = functions.get_function(FunctionName=name)
    configuration = told["Configuration"]
    assert configuration["State"] == "Active"
    assert configuration["LastUpdateStatus"] == "Successful"
    assert configuration["CodeSha256"] == sha256(zipped)
    assert configuration["CodeSize"] == len(zipped)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", configuration["LastModified"])
    expected = {
        "FunctionName": name, "Runtime": "python3.12", "Role": ROLE, "Handler": "app.handler",
        "Description": "d", "Timeout": 7, "MemorySize": 256, "Version": "$LATEST",
        "Environment": {"Variables": {"KEY": "value"}}, "TracingConfig": {"Mode": "Active"},
        "PackageType": "Zip", "Architectures": ["x86_64"], "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        "RevisionId": created["RevisionId"]}
    assert {key: configuration[key] for key in expected} == expected
    assert "Layers" not in configuration and "VpcConfig" not in configuration
    assert told["Tags"] == {"a": "b"}
    assert told["Code"]["RepositoryType"] == "S3"
    with urllib.request.urlopen(told["Code"]["Location"], timeout=10) as answer:
        assert answer.read() == zipped


def test_download_needs_its_token(functions, name):
    functions.create_function(**parameters(name))
    link = functions.get_function(FunctionName=name)["Code"]["Location"]
    for broken in (link.split("?")[0], link[:-1] + ("A" if link[-1] != "A" else "B"),
                   re.sub(r"expires=\d+", "expires=99999999999", link)):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(broken, timeout=10)
        assert caught.value.code == 403


@pytest.mark.parametrize("form", [
    "{name}", "000000000000:function:{name}", "arn:aws:lambda:us-east-1:000000000000:function:{name}",
])
def test_forms_of_a_name(functions, name, form):
    functions.create_function(**parameters(name))
    told = functions.get_function_configuration(FunctionName=form.format(name=name))
    assert told["FunctionArn"] == arn_of(name)
    told = functions.get_function_configuration(
        FunctionName=form.format(name=name) + ":$LATEST")
    assert told["FunctionArn"] == arn_of(name, "$LATEST")


def test_qualifiers_that_differ(functions, name, refused):
    functions.create_function(**parameters(name))
    refusal = refused(functions.get_function, FunctionName=f"{name}:1", Qualifier="2")
    assert (refusal.code, refusal.message) == (
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.")


def test_what_is_not_there(functions, refused):
    refusal = refused(functions.get_function, FunctionName="absent")
    assert (refusal.code, refusal.status, refusal.message) == (
        "ResourceNotFoundException", 404, f"Function not found: {arn_of('absent')}")
    refusal = refused(functions.invoke, FunctionName="absent", Qualifier="live")
    assert refusal.message == f"Function not found: {arn_of('absent', 'live')}"


def test_create_twice(functions, name, refused):
    functions.create_function(**parameters(name))
    refusal = refused(functions.create_function, **parameters(name))
    assert (refusal.code, refusal.status, refusal.message) == (
        "ResourceConflictException", 409, f"Function already exist: {name}")


@pytest.mark.parametrize(("change", "code", "message"), [
    ({"Role": "handler"}, "ValidationException",
     "1 validation error detected: Value 'handler' at 'role' failed to satisfy constraint: Member "
     r"must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?"
     r"[a-zA-Z_0-9+=,.@\-_/]+"),
    ({"MemorySize": 64}, "ValidationException",
     "1 validation error detected: Value '64' at 'memorySize' failed to satisfy constraint: "
     "Member must have value greater than or equal to 128"),
    ({"Timeout": 901}, "ValidationException",
     "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: "
     "Member must have value less than or equal to 900"),
    ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException",
     "Could not unzip uploaded file. Please check your file, then try to upload again."),
    ({"Code": {"ZipFile": b""}}, "InvalidParameterValueException",
     "Uploaded file must be a non-empty zip"),
    ({"Code": {"ZipFile": zip_of({})}}, "InvalidParameterValueException",
     "Uploaded file must be a non-empty zip"),
    ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException",
     "Lambda was unable to configure your environment variables because the environment variables "
     "you have provided contains reserved keys that are currently not supported for modification. "
     "Reserved keys used in this request: AWS_REGION"),
    ({"Layers": [f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:absent:1"]},
     "InvalidParameterValueException",
     f"Layer version arn:aws:lambda:us-east-1:{ACCOUNT}:layer:absent:1 does not exist."),
])
def test_what_create_refuses(functions, name, refused, change, code, message):
    refusal = refused(functions.create_function, **parameters(name) | change)
    assert (refusal.code, refusal.status, refusal.message) == (code, 400, message)
    assert refused(functions.get_function, FunctionName=name).status == 404


def test_runtimes(functions, name, refused):
    refusal = refused(functions.create_function, **parameters(name, Runtime="cobol85"))
    assert refusal.code == "InvalidParameterValueException"
    assert refusal.message.startswith(
        "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
        "set: [")
    assert "python3.13" in refusal.message and refusal.message.endswith("] or be a valid ARN")


def test_large_environment(functions, name, refused):
    refusal = refused(functions.create_function, **parameters(
        name, Environment={"Variables": {"KEY": "x" * 4096}}))
    assert refusal.code == "InvalidParameterValueException"
    assert "exceeded the 4KB limit. String measured: {\"KEY\":" in refusal.message


def test_names_that_lead_out(functions, name, refused):
    for path in ("../escape.py", "/etc/escape.py", "a/../../escape.py"):
        refusal = refused(functions.create_function, **parameters(
            name, Code={"ZipFile": zip_of({path: "x"})}))
        assert refusal.code == "InvalidParameterValueException"


def test_update_configuration(functions, name, refused):
    created = functions.create_function(**parameters(
        name, Environment={"Variables": {"AA": "1"}}))
    updated = functions.update_function_configuration(
        FunctionName=name, Timeout=60, Environment={"Variables": {"BB": "2"}},
        RevisionId=created["RevisionId"])
    assert updated["LastUpdateStatus"] == "InProgress"
    assert updated["RevisionId"] != created["RevisionId"]
    told = functions.get_function_configuration(FunctionName=name)
    assert told["LastUpdateStatus"] == "Successful"
    assert (told["Timeout"], told["MemorySize"]) == (60, 128)
    assert told["Environment"] == {"Variables": {"BB": "2"}}
    refusal = refused(functions.update_function_configuration, FunctionName=name, Timeout=61,
                      RevisionId=created["RevisionId"])
    assert (refusal.code, refusal.status) == ("PreconditionFailedException", 412)
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    assert "Environment" not in functions.get_function_configuration(FunctionName=name)


def test_update_code(functions, name):
    functions.create_function(**parameters(name))
    zipped = python_zip("def handler(event, context):\n    return 2\n")
    tried = functions.update_function_code(FunctionName=name, ZipFile=zipped, DryRun=True)
    assert tried["CodeSha256"] == sha256(zipped)
    before = functions.get_function_configuration(FunctionName=name)
    assert before["CodeSha256"] != sha256(zipped)
    updated = functions.update_function_code(FunctionName=name, ZipFile=zipped, Publish=True)
    assert (updated["Version"], updated["FunctionArn"]) == ("1", arn_of(name, "1"))
    told = functions.get_function_configuration(FunctionName=name)
    assert told["CodeSha256"] == sha256(zipped)
    assert told["RevisionId"] != before["RevisionId"]


def test_code_from_a_bucket(outside, own_server, refused):
    server = own_server("--in-memory", *outside.flags)
    functions = make_client(server.endpoint, "lambda")
    buckets = outside.client("s3")
    buckets.create_bucket(Bucket="function-code")
    zipped = python_zip()
    buckets.put_object(Bucket="function-code", Key="a/b c.zip", Body=zipped)
    created = functions.create_function(**parameters(
        "bucketed", Code={"S3Bucket": "function-code", "S3Key": "a/b c.zip"}))
    assert created["CodeSha256"] == sha256(zipped)
    refusal = refused(functions.update_function_code, FunctionName="bucketed",
                      S3Bucket="function-code", S3Key="absent.zip")
    assert (refusal.code, refusal.message) == (
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The "
        "specified key does not exist.")


def test_versions_and_aliases(functions, name, refused):
    functions.create_function(**parameters(name))
    first = functions.publish_version(FunctionName=name, Description="one")
    assert (first["Version"], first["Description"]) == ("1", "one")
    assert first["FunctionArn"] == arn_of(name, "1")
    assert functions.publish_version(FunctionName=name)["Version"] == "1"
    functions.update_function_configuration(FunctionName=name, Timeout=9)
    assert functions.publish_version(FunctionName=name)["Version"] == "2"
    versions = functions.list_versions_by_function(FunctionName=name)["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1", "2"]
    assert versions[0]["FunctionArn"] == arn_of(name, "$LATEST")
    # Lists tell no states.
    assert "State" not in versions[0] and "LastUpdateStatus" not in versions[1]
    refusal = refused(functions.publish_version, FunctionName=name, CodeSha256="other")
    assert refusal.message.startswith("CodeSHA256 (other) is different from current CodeSHA256")

    alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert alias["AliasArn"] == arn_of(name, "live")
    told = functions.get_function(FunctionName=name, Qualifier="live")["Configuration"]
    assert (told["Version"], told["Timeout"], told["FunctionArn"]) == (
        "1", 3, arn_of(name, "live"))
    refusal = refused(functions.create_alias, FunctionName=name, Name="live", FunctionVersion="2")
    assert (refusal.status, refusal.message) == (
        409, f"Alias already exists: {arn_of(name, 'live')}")
    changed = functions.update_alias(
        FunctionName=name, Name="live", FunctionVersion="2",
        RoutingConfig={"AdditionalVersionWeights": {"1": 0.25}}, RevisionId=alias["RevisionId"])
    assert changed["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 0.25}}
    assert refused(functions.update_alias, FunctionName=name, Name="live", Description="x",
                   RevisionId=alias["RevisionId"]).status == 412
    refusal = refused(functions.delete_function, FunctionName=name, Qualifier="1")
    assert (refusal.code, refusal.status) == ("ResourceConflictException", 409)
    assert functions.list_aliases(FunctionName=name)["Aliases"][0]["Name"] == "live"
    functions.delete_alias(FunctionName=name, Name="live")
    refusal = refused(functions.get_alias, FunctionName=name, Name="live")
    assert (refusal.status, refusal.message) == (
        404, f"Cannot find alias arn: {arn_of(name, 'live')}")
    functions.delete_function(FunctionName=name, Qualifier="1")
    assert refused(functions.get_function, FunctionName=name, Qualifier="1").message == (
        f"Function not found: {arn_of(name, '1')}")


def test_list_in_pages(own_server):
    functions = make_client(own_server("--in-memory").endpoint, "lambda")
    names = sorted(f"f{number}" for number in range(12))
    for name in names:
        functions.create_function(**parameters(name, Publish=True))
    pages = functions.get_paginator("list_functions").paginate(
        PaginationConfig={"PageSize": 5})
    assert [f["FunctionName"] for page in pages for f in page["Functions"]] == names
    pages = functions.get_paginator("list_functions").paginate(
        FunctionVersion="ALL", PaginationConfig={"PageSize": 5})
    assert [(f["FunctionName"], f["Version"]) for page in pages for f in page["Functions"]] == [
        (name, version) for name in names for version in ("$LATEST", "1")]
    settings = functions.get_account_settings()
    assert settings["AccountUsage"]["FunctionCount"] == 12


def test_policy(functions, name, refused):
    functions.create_function(**parameters(name))
    assert refused(functions.get_policy, FunctionName=name).message == (
        "The resource you requested does not exist.")
    added = functions.add_permission(
        FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::bucket", SourceAccount=ACCOUNT)
    statement = {
        "Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": arn_of(name),
        "Condition": {"StringEquals": {"AWS:SourceAccount": ACCOUNT},
                      "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"}}}
    assert json.loads(added["Statement"]) == statement
    policy = functions.get_policy(FunctionName=name)
    assert json.loads(policy["Policy"]) == {
        "Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    refusal = refused(functions.add_permission, FunctionName=name, StatementId="s3",
                      Action="lambda:InvokeFunction", Principal="*")
    assert refusal.message == (
        "The statement id (s3) provided already exists. Please provide a new statement id, or "
        "remove the existing statement.")
    assert refused(functions.remove_permission, FunctionName=name, StatementId="s4").message == (
        "Statement s4 is not found in resource policy.")
    functions.remove_permission(FunctionName=name, StatementId="s3",
                                RevisionId=policy["RevisionId"])
    assert refused(functions.get_policy, FunctionName=name).status == 404


def test_tags(functions, name, refused):
    functions.create_function(**parameters(name, Tags={"a": "1", "b": "2"}))
    functions.tag_resource(Resource=arn_of(name), Tags={"b": "3", "c": "4"})
    functions.untag_resource(Resource=arn_of(name), TagKeys=["a", "absent"])
    assert functions.list_tags(Resource=arn_of(name))["Tags"] == {"b": "3", "c": "4"}
    refusal = refused(functions.list_tags, Resource=arn_of("absent"))
    assert refusal.code == "ResourceNotFoundException"


def test_concurrency(functions, name, refused):
    functions.create_function(**parameters(name))
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName=name)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    assert functions.get_function(FunctionName=name)["Concurrency"] == {
        "ReservedConcurrentExecutions": 5}
    refusal = refused(functions.put_function_concurrency, FunctionName=name,
                      ReservedConcurrentExecutions=901)
    assert "below its minimum value of [100]" in refusal.message
    functions.delete_function_concurrency(FunctionName=name)
    assert "Concurrency" not in functions.get_function(FunctionName=name)


def test_event_invoke_config(functions, name, refused):
    functions.create_function(**parameters(name))
    refusal = refused(functions.get_function_event_invoke_config, FunctionName=name)
    assert (refusal.status, refusal.message) == (
        404, f"The function {arn_of(name, '$LATEST')} doesn't have an EventInvokeConfig")
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:failures"
    functions.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue}})
    functions.update_function_event_invoke_config(
        FunctionName=name, MaximumEventAgeInSeconds=60)
    told = functions.get_function_event_invoke_config(FunctionName=name)
    assert (told["MaximumRetryAttempts"], told["MaximumEventAgeInSeconds"]) == (1, 60)
    assert told["DestinationConfig"] == {
        "OnSuccess": {}, "OnFailure": {"Destination": queue}}
    assert len(functions.list_function_event_invoke_configs(
        FunctionName=name)["FunctionEventInvokeConfigs"]) == 1
    config = {"OnSuccess": {"Destination": "file:///tmp/outcome.jsonl"}}
    functions.update_function_event_invoke_config(FunctionName=name, DestinationConfig=config)
    assert functions.get_function_event_invoke_config(FunctionName=name)["DestinationConfig"] == {
        "OnSuccess": {"Destination": "file:///tmp/outcome.jsonl"},
        "OnFailure": {"Destination": queue}}
    for destination in ("file://elsewhere/a", "nowhere"):
        refusal = refused(functions.put_function_event_invoke_config, FunctionName=name,
                          DestinationConfig={"OnFailure": {"Destination": destination}})
        assert refusal.status == 400
    functions.delete_function_event_invoke_config(FunctionName=name)
    assert refused(functions.get_function_event_invoke_config, FunctionName=name).status == 404


def test_layers(functions, name, refused):
    layer = f"layer-{name}"
    zipped = zip_of({"python/shared.py": "VALUE = 1\n"})
    published = functions.publish_layer_version(
        LayerName=layer, Content={"ZipFile": zipped}, CompatibleRuntimes=["python3.12"],
        Description="d")
    assert published["Version"] == 1
    arn = published["LayerVersionArn"]
    assert arn == f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:{layer}:1"
    assert published["Content"]["CodeSha256"] == sha256(zipped)
    functions.publish_layer_version(LayerName=layer, Content={"ZipFile": zipped})
    assert [v["Version"] for v in functions.list_layer_versions(
        LayerName=layer)["LayerVersions"]] == [2, 1]
    assert functions.get_layer_version_by_arn(Arn=arn)["Version"] == 1
    listed = {entry["LayerName"]: entry for entry in functions.list_layers()["Layers"]}
    assert listed[layer]["LatestMatchingVersion"]["Version"] == 2
    functions.create_function(**parameters(name, Layers=[arn]))
    functions.delete_layer_version(LayerName=layer, VersionNumber=1)
    assert functions.get_function_configuration(FunctionName=name)["Layers"] == [
        {"Arn": arn, "CodeSize": len(zipped)}]
    refusal = refused(functions.get_layer_version, LayerName=layer, VersionNumber=1)
    assert (refusal.code, refusal.status) == ("ResourceNotFoundException", 404)
    refusal = refused(functions.update_function_configuration, FunctionName=name,
                      Layers=[f"{arn[:-1]}{number}" for number in range(6)])
    assert refusal.message == "Cannot reference more than 5 layers."


def test_lists_of_layers_tell_no_description_that_was_not_given(functions, name):
    layer = f"layer-{name}"
    zipped = zip_of({"python/shared.py": "VALUE = 1\n"})
    functions.publish_layer_version(
        LayerName=layer, Content={"ZipFile": zipped}, Description="d")
    published = functions.publish_layer_version(LayerName=layer, Content={"ZipFile": zipped})
    assert published["Description"] == ""
    listed = functions.list_layer_versions(LayerName=layer)["LayerVersions"]
    assert [version.get("Description") for version in listed] == [None, "d"]


def test_policies_of_layers(own_server, refused):
    server = own_server()
    functions = make_client(server.endpoint, "lambda")
    functions.publish_layer_version(
        LayerName="layer", Content={"ZipFile": zip_of({"python/shared.py": "VALUE = 1\n"})})
    layer = {"LayerName": "layer", "VersionNumber": 1}
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:layer:1"
    grant = {"Action": "lambda:GetLayerVersion", "Principal": "111111111111"}
    refusal = refused(functions.get_layer_version_policy, **layer)
    assert (refusal.code, refusal.message) == (
        "ResourceNotFoundException", "No policy is associated with the given resource.")
    added = functions.add_layer_version_permission(**layer, StatementId="one", **grant)
    first = {"Sid": "one", "Effect": "Allow",
             "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
             "Action": "lambda:GetLayerVersion", "Resource": arn}
    assert json.loads(added["Statement"]) == first
    refusal = refused(functions.add_layer_version_permission, **layer, StatementId="one", **grant)
    assert refusal.code == "ResourceConflictException"
    refusal = refused(functions.add_layer_version_permission, **layer, StatementId="two",
                      RevisionId="stale", **grant)
    assert refusal.code == "PreconditionFailedException"
    functions.add_layer_version_permission(
        **layer, StatementId="two", Action="lambda:GetLayerVersion", Principal="*",
        OrganizationId="o-1234567890", RevisionId=added["RevisionId"])
    server.kill()
    server.start()
    policy = json.loads(functions.get_layer_version_policy(**layer)["Policy"])
    assert policy["Statement"][0] == first
    assert policy["Statement"][1]["Principal"] == "*"
    assert policy["Statement"][1]["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
    for sid in ("one", "two"):
        functions.remove_layer_version_permission(**layer, StatementId=sid)
    refusal = refused(functions.remove_layer_version_permission, **layer, StatementId="one")
    assert refusal.message == "No policy is associated with the given resource."
    refusal = refused(functions.add_layer_version_permission, LayerName="layer", VersionNumber=2,
                      StatementId="one", **grant)
    assert (refusal.status, refusal.message) == (
        404, f"Layer version {arn[:-1]}2 does not exist.")
    refusal = refused(functions.add_layer_version_permission, **layer, StatementId="one",
                      Action="lambda:Invoke", Principal="111111111111")
    assert refusal.code == "ValidationException"


def test_settings(functions, name, refused):
    functions.create_function(**parameters(name))
    signing = functions.get_function_code_signing_config(FunctionName=name)
    assert signing["FunctionName"] == name and "CodeSigningConfigArn" not in signing
    assert functions.get_runtime_management_config(FunctionName=name)["UpdateRuntimeOn"] == "Auto"
    functions.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
    assert functions.get_function_recursion_config(
        FunctionName=name)["RecursiveLoop"] == "Allow"
    assert refused(functions.get_function_url_config, FunctionName=name).status == 404
    assert functions.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"] == []
    assert functions.list_provisioned_concurrency_configs(
        FunctionName=name)["ProvisionedConcurrencyConfigs"] == []


def test_payloads(functions, name, refused):
    functions.create_function(**parameters(name))
    assert functions.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    refusal = refused(functions.invoke, FunctionName=name, Payload=b"{nope")
    assert (refusal.code, refusal.status) == ("InvalidRequestContentException", 400)
    assert refusal.message.startswith(
        "Could not parse request body into json: Unexpected character ('n' (code 110)): was "
        "expecting double-quote to start field name")
    refusal = refused(functions.invoke, FunctionName=name,
                      Payload=b'"' + b"x" * 6_291_456 + b'"')
    assert (refusal.code, refusal.status, refusal.message) == (
        "RequestTooLargeException", 413,
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation")
    refusal = refused(functions.invoke, FunctionName=name, InvocationType="Event",
                      Payload=b'"' + b"x" * 1_048_576 + b'"')
    assert refusal.code == "RequestTooLargeException"


def test_a_directory_in_place(server, functions, name, tmp_path):
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return 1\n")

    def put(body):
        request = urllib.request.Request(
            f"{server.endpoint}/_basalt/functions/{name}", method="PUT",
            data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)

    status, first = put({"Runtime": "python3.12", "Handler": "app.handler",
                         "Path": str(tmp_path), "Environment": {"A": "b"}})
    assert status == 201 and first["Environment"] == {"Variables": {"A": "b"}}
    assert put({})[1]["RevisionId"] == first["RevisionId"]
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return 22\n")
    status, second = put({"Timeout": 9})
    assert status == 200 and second["Timeout"] == 9
    assert second["CodeSha256"] != first["CodeSha256"]
    assert functions.get_function(FunctionName=name)["Configuration"]["Handler"] == "app.handler"


def test_survives_kills(own_server):
    server = own_server()
    functions = make_client(server.endpoint, "lambda")
    layer = functions.publish_layer_version(
        LayerName="shared", Content={"ZipFile": zip_of({"python/a.py": "A = 1\n"})})
    functions.create_function(**parameters(
        "kept", Publish=True, Layers=[layer["LayerVersionArn"]], Tags={"a": "b"}))
    functions.create_alias(FunctionName="kept", Name="live", FunctionVersion="1")
    functions.put_function_concurrency(FunctionName="kept", ReservedConcurrentExecutions=3)
    before = functions.get_function(FunctionName="kept")
    functions.create_function(**parameters("gone"))
    functions.delete_function(FunctionName="gone")
    server.kill()
    server.start()
    after = functions.get_function(FunctionName="kept")
    for part in ("Configuration", "Tags", "Concurrency"):
        assert after[part] == before[part]
    assert functions.get_alias(FunctionName="kept", Name="live")["FunctionVersion"] == "1"
    assert [f["FunctionName"] for f in functions.list_functions()["Functions"]] == ["kept"]
    with urllib.request.urlopen(after["Code"]["Location"], timeout=10) as answer:
        assert answer.read() == python_zip()


def test_paths_as_they_may_be_written(server, functions, name):
    functions.create_function(**parameters(name))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)

    def status(path, method="GET"):
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    escaped = urllib.parse.quote(arn_of(name), safe="")
    assert status(f"/2015-03-31/functions/{escaped}") == 200
    assert status(f"/2015-03-31/functions/{arn_of(name)}/configuration") == 200
    assert status("/2015-03-31/functions/") == 200
    assert status("/2015-03-31/functions/%ZZ") == 400
    assert status("/2015-03-31/functions?MaxItems=x") == 400
    assert status("/2015-03-31/functions?MaxItems=0") == 400
    assert status(f"/2015-03-31/functions/{name}", method="PATCH") == 404
    assert status(f"/2017-03-31/tags/{escaped}") == 200
    connection.close()


def test_invocations_by_version_and_alias(functions, name):
    layer = functions.publish_layer_version(
        LayerName=f"layer-{name}", Content={"ZipFile": zip_of({"python/shared.py": "V = 40\n"})})
    source = ("import shared\n\ndef handler(event, context):\n"
              "    return [shared.V + {}, context.function_version, context.aws_request_id,\n"
              "            context.invoked_function_arn]\n")
    functions.create_function(**parameters(
        name, Runtime=f"python3.{sys.version_info.minor}", Publish=True, Timeout=30,
        Code={"ZipFile": python_zip(source.format(1))}, Layers=[layer["LayerVersionArn"]]))

    def call(**which):
        answer = functions.invoke(FunctionName=name, **which)
        number, version, request_id, arn = json.load(answer["Payload"])
        assert answer["ExecutedVersion"] == version
        assert answer["ResponseMetadata"]["RequestId"] == request_id
        return number, version, arn

    assert call() == (41, "$LATEST", arn_of(name))
    functions.update_function_code(
        FunctionName=name, ZipFile=python_zip(source.format(2)), Publish=True)
    assert call() == (42, "$LATEST", arn_of(name))
    assert call(Qualifier="1") == (41, "1", arn_of(name, "1"))
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1",
                           RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    assert call(Qualifier="live") == (42, "2", arn_of(name, "live"))
    functions.update_alias(FunctionName=name, Name="live",
                           RoutingConfig={"AdditionalVersionWeights": {}})
    assert call(Qualifier="live") == (41, "1", arn_of(name, "live"))
