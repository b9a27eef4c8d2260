"""Tables: create, describe, list, update, delete, tags, time to live, account limits."""

import re
import time

import pytest

from conftest import definitions, index_of, key_schema, make_client, next_table_name


def describe(client, name):
    return client.describe_table(TableName=name)["Table"]


def wait_for_index(client, table, index, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        indexes = describe(client, table).get("GlobalSecondaryIndexes", [])
        found = [each for each in indexes if each["IndexName"] == index]
        if found and found[0]["IndexStatus"] == "ACTIVE":
            return found[0]
        assert time.monotonic() < deadline, f"{index} did not become ACTIVE: {found}"
        time.sleep(0.05)


def wait_for_no_index(client, table, index, seconds=30):
    deadline = time.monotonic() + seconds
    while any(each["IndexName"] == index
              for each in describe(client, table).get("GlobalSecondaryIndexes", [])):
        assert time.monotonic() < deadline, f"{index} did not go away"
        time.sleep(0.05)


class TestCreateTable:
    def test_description_of_an_on_demand_table(self, client, new_table):
        name = new_table(id="S", n="N")
        table = describe(client, name)
        assert table["TableName"] == name
        assert table["TableStatus"] == "ACTIVE"
        assert table["KeySchema"] == key_schema(hash="id", range="n")
        assert sorted(table["AttributeDefinitions"], key=str) == sorted(
            definitions(id="S", n="N"), key=str)
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
        assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 0
        assert table["ItemCount"] == 0
        assert table["TableSizeBytes"] == 0
        assert re.fullmatch(
            rf"arn:aws:dynamodb:us-east-1:\d{{12}}:table/{name}", table["TableArn"])
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", table["TableId"])
        assert abs(table["CreationDateTime"].timestamp() - time.time()) < 300
        assert "GlobalSecondaryIndexes" not in table
        assert "LocalSecondaryIndexes" not in table

    def test_provisioned_table_with_indexes(self, client):
        name = next_table_name()
        throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
        try:
            client.create_table(
                TableName=name, KeySchema=key_schema(hash="id", range="n"),
                AttributeDefinitions=definitions(id="S", n="N", when="N", owner="S"),
                ProvisionedThroughput=throughput,
                LocalSecondaryIndexes=[index_of("by-when", "KEYS_ONLY", hash="id", range="when")],
                GlobalSecondaryIndexes=[
                    index_of("by-owner", ["note"], hash="owner")
                    | {"ProvisionedThroughput": throughput}])
            table = describe(client, name)
            assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
            assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
            assert table["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
            (local,) = table["LocalSecondaryIndexes"]
            assert local["IndexName"] == "by-when"
            assert local["Projection"] == {"ProjectionType": "KEYS_ONLY"}
            assert local["IndexArn"] == table["TableArn"] + "/index/by-when"
            (index,) = table["GlobalSecondaryIndexes"]
            assert index["IndexStatus"] == "ACTIVE"
            assert index["KeySchema"] == key_schema(hash="owner")
            assert index["Projection"] == {
                "ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]}
            assert index["IndexArn"] == table["TableArn"] + "/index/by-owner"
            assert index["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
            assert (index["ItemCount"], index["IndexSizeBytes"]) == (0, 0)
        finally:
            client.delete_table(TableName=name)

    def test_name_in_use(self, client, simple_table, refused):
        refusal = refused(
            client.create_table, TableName=simple_table, KeySchema=key_schema(hash="id"),
            AttributeDefinitions=definitions(id="S"), BillingMode="PAY_PER_REQUEST")
        assert refusal.code == "ResourceInUseException"
        assert refusal.message == f"Table already exists: {simple_table}"

    def test_tables_are_told_apart_by_case(self, client, new_table):
        first = new_table(id="S", name="Case-of-a-Name")
        second = new_table(id="S", name="case-of-a-name")
        client.put_item(TableName=first, Item={"id": {"S": "a"}})
        assert client.scan(TableName=second)["Count"] == 0

    def test_regions_hold_tables_of_their_own(self, server, client, simple_table, refused):
        elsewhere = make_client(server.endpoint, region="eu-west-1")
        refusal = refused(elsewhere.describe_table, TableName=simple_table)
        assert refusal.code == "ResourceNotFoundException"
        assert simple_table not in elsewhere.list_tables()["TableNames"]
        assert describe(client, simple_table)["TableName"] == simple_table


class TestRefusedDesigns:
    def create(self, client, **changes):
        parameters = {
            "TableName": next_table_name(),
            "KeySchema": key_schema(hash="id"),
            "AttributeDefinitions": definitions(id="S"),
            "BillingMode": "PAY_PER_REQUEST",
        } | changes
        client.create_table(**{k: v for k, v in parameters.items() if v is not None})

    def test_throughput_must_go_with_billing_mode(self, client, invalid):
        invalid("One or more parameter values were invalid: ReadCapacityUnits and "
                "WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
                self.create, client=client, BillingMode="PROVISIONED")
        invalid("One or more parameter values were invalid: Neither ReadCapacityUnits nor "
                "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
                self.create, client=client,
                ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})

    def test_key_attribute_must_be_defined(self, client, invalid):
        invalid("One or more parameter values were invalid: Some index key attributes are not "
                "defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: [other]",
                self.create, client=client, AttributeDefinitions=definitions(other="S"))

    def test_defined_attribute_must_be_a_key(self, client, invalid):
        invalid("One or more parameter values were invalid: Number of attributes in KeySchema "
                "does not exactly match number of attributes defined in AttributeDefinitions",
                self.create, client=client, AttributeDefinitions=definitions(id="S", other="S"))

    def test_first_key_must_be_hash(self, client, refused):
        refusal = refused(
            self.create, client=client, KeySchema=key_schema(range="id"))
        assert refusal.code == "ValidationException"
        assert "Invalid KeySchema: The first KeySchemaElement is not a HASH key type" in (
            refusal.message)

    def test_constraints_are_collected(self, client, refused):
        refusal = refused(
            self.create, client=client, BillingMode="FREE",
            KeySchema=[{"AttributeName": "id", "KeyType": "PRIMARY"}])
        assert refusal.code == "ValidationException"
        assert refusal.message.startswith("2 validation errors detected: ")
        assert ("Value 'FREE' at 'billingMode' failed to satisfy constraint: "
                "Member must satisfy enum value set: [") in refusal.message
        assert ("Value 'PRIMARY' at 'keySchema.1.member.keyType' failed to satisfy constraint: "
                "Member must satisfy enum value set: [") in refusal.message

    @pytest.mark.parametrize("name", ["ab", "a" * 256, "has space", "has/slash", "naïve"])
    def test_names(self, client, refused, name):
        assert refused(self.create, client=client, TableName=name).code == "ValidationException"

    def test_local_index_needs_a_sort_key(self, client, refused):
        refusal = refused(
            self.create, client=client, AttributeDefinitions=definitions(id="S", n="N"),
            LocalSecondaryIndexes=[index_of("local", hash="id", range="n")])
        assert refusal.code == "ValidationException"
        assert "Table KeySchema does not have a range key" in refusal.message

    def test_index_names_must_differ(self, client, refused):
        refusal = refused(
            self.create, client=client, AttributeDefinitions=definitions(id="S", n="N"),
            GlobalSecondaryIndexes=[index_of("same", hash="n"), index_of("same", hash="n")])
        assert refusal.code == "ValidationException"
        assert "Duplicate index name: same" in refusal.message

    @pytest.mark.parametrize("count, is_allowed", [(20, True), (21, False)])
    def test_global_index_count(self, client, refused, count, is_allowed):
        changes = {
            "TableName": next_table_name(),
            "AttributeDefinitions": definitions(id="S", n="N"),
            "GlobalSecondaryIndexes": [index_of(f"by-{i}", hash="n") for i in range(count)],
        }
        if is_allowed:
            self.create(client, **changes)
            assert len(describe(client, changes["TableName"])["GlobalSecondaryIndexes"]) == count
            client.delete_table(TableName=changes["TableName"])
        else:
            assert refused(self.create, client=client, **changes).code in (
                "ValidationException", "LimitExceededException")

    @pytest.mark.parametrize("count, is_allowed", [(5, True), (6, False)])
    def test_local_index_count(self, client, refused, count, is_allowed):
        changes = {
            "TableName": next_table_name(),
            "KeySchema": key_schema(hash="id", range="n"),
            "AttributeDefinitions": definitions(id="S", n="N", m="N"),
            "LocalSecondaryIndexes": [
                index_of(f"by-{i}", hash="id", range="m") for i in range(count)],
        }
        if is_allowed:
            self.create(client, **changes)
            assert len(describe(client, changes["TableName"])["LocalSecondaryIndexes"]) == count
            client.delete_table(TableName=changes["TableName"])
        else:
            assert refused(self.create, client=client, **changes).code == "ValidationException"

    @pytest.mark.parametrize("count, is_allowed", [(100, True), (101, False)])
    def test_projected_attribute_count(self, client, refused, count, is_allowed):
        attributes = [f"a{i}" for i in range(count)]
        changes = {
            "TableName": next_table_name(),
            "AttributeDefinitions": definitions(id="S", n="N"),
            # An index lists at most 20 or so in practice; the bound is over the whole table.
            "GlobalSecondaryIndexes": [
                index_of(f"by-{i}", attributes[i:i + 20], hash="n")
                for i in range(0, count, 20)],
        }
        if is_allowed:
            self.create(client, **changes)
            client.delete_table(TableName=changes["TableName"])
        else:
            assert refused(self.create, client=client, **changes).code == "ValidationException"


class TestDescribeAndDelete:
    def test_absent_table(self, client, refused):
        for operation in (client.describe_table, client.delete_table):
            refusal = refused(operation, TableName="no-such-table")
            assert refusal.code == "ResourceNotFoundException"
            assert refusal.message == (
                "Requested resource not found: Table: no-such-table not found")
            assert refusal.status == 400

    def test_delete(self, client, new_table, refused):
        name = new_table(id="S")
        client.put_item(TableName=name, Item={"id": {"S": "a"}})
        deleted = client.delete_table(TableName=name)["TableDescription"]
        assert deleted["TableName"] == name
        assert deleted["TableStatus"] == "DELETING"
        client.get_waiter("table_not_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        assert refused(client.get_item, TableName=name, Key={"id": {"S": "a"}}).code == (
            "ResourceNotFoundException")

    def test_a_table_made_anew_is_empty(self, client, new_table):
        name = new_table(id="S")
        first = describe(client, name)["TableId"]
        client.put_item(TableName=name, Item={"id": {"S": "a"}})
        client.delete_table(TableName=name)
        client.get_waiter("table_not_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        new_table(id="S", name=name)
        assert client.scan(TableName=name)["Items"] == []
        assert describe(client, name)["ItemCount"] == 0
        assert describe(client, name)["TableId"] != first

    def test_deletion_protection(self, client, new_table, refused):
        name = new_table(parameters={"DeletionProtectionEnabled": True}, id="S")
        assert describe(client, name)["DeletionProtectionEnabled"] is True
        refusal = refused(client.delete_table, TableName=name)
        assert refusal.code == "ValidationException"
        assert "deletion protection" in refusal.message.lower()
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        client.delete_table(TableName=name)

    def test_table_may_be_named_by_its_arn(self, client, simple_table):
        arn = describe(client, simple_table)["TableArn"]
        client.put_item(TableName=arn, Item={"id": {"S": "a"}})
        assert client.get_item(TableName=simple_table, Key={"id": {"S": "a"}})["Item"]
        assert describe(client, arn)["TableName"] == simple_table


class TestListTables:
    def test_pages(self, client, new_table):
        names = sorted(new_table(id="S", name=f"listed-{i:02}") for i in range(7))
        found, start = [], {"ExclusiveStartTableName": "listed-"}
        while True:
            page = client.list_tables(Limit=3, **start)
            assert len(page["TableNames"]) <= 3
            found += page["TableNames"]
            if "LastEvaluatedTableName" not in page:
                break
            start = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}
        assert [name for name in found if name.startswith("listed-")] == names
        assert found == sorted(found)

    def test_limit(self, client, invalid):
        invalid("Value '101' at 'limit' failed to satisfy constraint: "
                "Member must have value less than or equal to 100",
                client.list_tables, Limit=101)
        invalid("Value '0' at 'limit' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1",
                client.list_tables, Limit=0)


class TestUpdateTable:
    def test_billing_mode(self, client, simple_table):
        client.update_table(
            TableName=simple_table, BillingMode="PROVISIONED",
            ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 8})
        client.get_waiter("table_exists").wait(
            TableName=simple_table, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        told = describe(client, simple_table)["ProvisionedThroughput"]
        assert (told["ReadCapacityUnits"], told["WriteCapacityUnits"]) == (7, 8)

    def test_nothing_to_update(self, client, simple_table, refused):
        assert refused(client.update_table, TableName=simple_table).code == "ValidationException"

    def test_absent_table(self, client, refused):
        refusal = refused(
            client.update_table, TableName="no-such-table", DeletionProtectionEnabled=True)
        assert refusal.code == "ResourceNotFoundException"

    def test_table_class(self, client, simple_table):
        client.update_table(TableName=simple_table, TableClass="STANDARD_INFREQUENT_ACCESS")
        assert describe(client, simple_table)["TableClassSummary"]["TableClass"] == (
            "STANDARD_INFREQUENT_ACCESS")

    def test_index_is_filled_from_the_table(self, client, new_table):
        name = new_table(id="S")
        for i in range(300):
            item = {"id": {"S": f"item-{i}"}, "note": {"S": "x" * 20}}
            if i % 3 == 0:
                item["group"] = {"N": str(i % 7)}
            client.put_item(TableName=name, Item=item)
        client.update_table(
            TableName=name, AttributeDefinitions=definitions(id="S", group="N"),
            GlobalSecondaryIndexUpdates=[{"Create": index_of("by-group", hash="group")}])
        index = wait_for_index(client, name, "by-group")
        assert index["ItemCount"] == 100
        entries = client.scan(TableName=name, IndexName="by-group")["Items"]
        assert {entry["id"]["S"] for entry in entries} == {
            f"item-{i}" for i in range(0, 300, 3)}
        client.put_item(TableName=name, Item={"id": {"S": "late"}, "group": {"N": "100"}})
        late = client.query(
            TableName=name, IndexName="by-group", KeyConditionExpression="#g = :g",
            ExpressionAttributeNames={"#g": "group"},
            ExpressionAttributeValues={":g": {"N": "100"}})
        assert [entry["id"]["S"] for entry in late["Items"]] == ["late"]

    def test_items_that_cannot_be_in_the_index_stay_out(self, client, new_table):
        name = new_table(id="S")
        client.put_item(TableName=name, Item={"id": {"S": "wrong type"}, "g": {"S": "x"}})
        client.put_item(TableName=name, Item={"id": {"S": "right type"}, "g": {"N": "1"}})
        client.update_table(
            TableName=name, AttributeDefinitions=definitions(id="S", g="N"),
            GlobalSecondaryIndexUpdates=[{"Create": index_of("by-g", hash="g")}])
        wait_for_index(client, name, "by-g")
        entries = client.scan(TableName=name, IndexName="by-g")["Items"]
        assert [entry["id"]["S"] for entry in entries] == ["right type"]

    def test_index_deleted(self, client, new_table, invalid):
        name = new_table(
            attributes={"g": "N"},
            parameters={"GlobalSecondaryIndexes": [index_of("by-g", hash="g")]}, id="S")
        client.put_item(TableName=name, Item={"id": {"S": "a"}, "g": {"N": "1"}})
        client.update_table(
            TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-g"}}])
        wait_for_no_index(client, name, "by-g")
        invalid("The table does not have the specified index: by-g",
                client.scan, TableName=name, IndexName="by-g")


class TestTags:
    def tags(self, client, arn):
        return {tag["Key"]: tag["Value"] for tag in client.list_tags_of_resource(
            ResourceArn=arn)["Tags"]}

    def test_tags(self, client, new_table):
        name = new_table(parameters={"Tags": [{"Key": "team", "Value": "a"}]}, id="S")
        arn = describe(client, name)["TableArn"]
        assert self.tags(client, arn) == {"team": "a"}
        client.tag_resource(ResourceArn=arn, Tags=[
            {"Key": "team", "Value": "b"}, {"Key": "stage", "Value": ""}])
        assert self.tags(client, arn) == {"team": "b", "stage": ""}
        client.untag_resource(ResourceArn=arn, TagKeys=["team", "never-there"])
        assert self.tags(client, arn) == {"stage": ""}

    def test_absent_resource(self, client, refused):
        arn = "arn:aws:dynamodb:us-east-1:000000000000:table/no-such-table"
        refusal = refused(client.tag_resource, ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
        assert refusal.code in ("ResourceNotFoundException", "AccessDeniedException")


class TestTimeToLive:
    def told(self, client, name):
        return client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]

    def test_on_and_described(self, client, simple_table, invalid):
        assert self.told(client, simple_table) == {"TimeToLiveStatus": "DISABLED"}
        wanted = {"Enabled": True, "AttributeName": "expires"}
        answer = client.update_time_to_live(
            TableName=simple_table, TimeToLiveSpecification=wanted)
        assert answer["TimeToLiveSpecification"] == wanted
        told = self.told(client, simple_table)
        assert told["AttributeName"] == "expires"
        assert told["TimeToLiveStatus"] in ("ENABLING", "ENABLED")
        if told["TimeToLiveStatus"] == "ENABLED":
            invalid("TimeToLive is already enabled", client.update_time_to_live,
                    TableName=simple_table, TimeToLiveSpecification=wanted)

    def test_off_when_off(self, client, simple_table, invalid):
        invalid("TimeToLive is already disabled", client.update_time_to_live,
                TableName=simple_table,
                TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"})


class TestAccount:
    def test_limits(self, client):
        limits = client.describe_limits()
        assert limits["AccountMaxReadCapacityUnits"] == 80_000
        assert limits["AccountMaxWriteCapacityUnits"] == 80_000
        assert limits["TableMaxReadCapacityUnits"] == 40_000
        assert limits["TableMaxWriteCapacityUnits"] == 40_000

    def test_endpoints_are_reachable(self, server, client):
        (endpoint,) = client.describe_endpoints()["Endpoints"]
        assert endpoint["Address"] == f"127.0.0.1:{server.port}"
        assert endpoint["CachePeriodInMinutes"] > 0

    def test_continuous_backups(self, client, simple_table, refused):
        told = client.describe_continuous_backups(TableName=simple_table)
        told = told["ContinuousBackupsDescription"]
        assert told["ContinuousBackupsStatus"] == "ENABLED"
        assert told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
        refusal = refused(client.describe_continuous_backups, TableName="no-such-table")
        assert refusal.code == "TableNotFoundException"
