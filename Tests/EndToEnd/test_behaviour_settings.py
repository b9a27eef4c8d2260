"""Settings that are kept and told: resource policies, point-in-time recovery."""

import json
import time

import pytest

NOT_FOUND = "Resource-based policy not found for the provided ResourceArn: "


def policy(action="dynamodb:*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Principal": {"AWS": "000000000000"}, "Effect": "Allow", "Action": [action],
         "Resource": "*"}]})


class TestResourcePolicies:
    @pytest.fixture
    def arn(self, client, simple_table):
        return client.describe_table(TableName=simple_table)["Table"]["TableArn"]

    def test_life(self, client, arn, refused):
        refusal = refused(client.get_resource_policy, ResourceArn=arn)
        assert (refusal.code, refusal.message) == ("PolicyNotFoundException", NOT_FOUND + arn)
        first = client.put_resource_policy(ResourceArn=arn, Policy=policy())["RevisionId"]
        again = client.put_resource_policy(ResourceArn=arn, Policy=policy())["RevisionId"]
        assert again == first
        told = client.get_resource_policy(ResourceArn=arn)
        assert (told["Policy"], told["RevisionId"]) == (policy(), first)
        second = client.put_resource_policy(
            ResourceArn=arn, Policy=policy("dynamodb:GetItem"),
            ExpectedRevisionId=first)["RevisionId"]
        assert second > first
        table = arn.rpartition("/")[2]
        refusal = refused(
            client.delete_resource_policy, ResourceArn=arn, ExpectedRevisionId=first)
        assert refusal.message == (
            f"{NOT_FOUND}Requested update for policy with revision id {first}, but the policy "
            f"associated to target table {table} has revision id {second}.")
        assert client.delete_resource_policy(ResourceArn=arn)["RevisionId"] == second
        assert "RevisionId" not in client.delete_resource_policy(ResourceArn=arn)
        assert refused(
            client.get_resource_policy, ResourceArn=arn).code == "PolicyNotFoundException"

    def test_unknown_table(self, client, arn, refused):
        for operation, more in ((client.get_resource_policy, {}),
                                (client.put_resource_policy, {"Policy": policy()}),
                                (client.delete_resource_policy, {})):
            refusal = refused(operation, ResourceArn=arn + "unknown", **more)
            table = arn.rpartition("/")[2] + "unknown"
            assert (refusal.code, refusal.message) == (
                "ResourceNotFoundException", f"Requested resource not found: Table: {table} "
                "not found")

    def test_what_is_no_policy(self, client, arn, refused):
        for document in ("", "no JSON", "{}", "x" * 20_481, '{"Statement": [{"Effect": "Allow"}]}'):
            refusal = refused(client.put_resource_policy, ResourceArn=arn, Policy=document)
            assert refusal.code == "ValidationException", document[:40]
        assert refused(
            client.get_resource_policy, ResourceArn=arn).code == "PolicyNotFoundException"

    def test_a_table_may_be_made_with_one(self, client, new_table):
        name = new_table(id="S", parameters={"ResourcePolicy": policy()})
        arn = client.describe_table(TableName=name)["Table"]["TableArn"]
        assert client.get_resource_policy(ResourceArn=arn)["Policy"] == policy()


class TestPointInTimeRecovery:
    def switch(self, client, table, is_on, **more):
        return client.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={
                "PointInTimeRecoveryEnabled": is_on, **more})["ContinuousBackupsDescription"]

    def test_on_and_off(self, client, simple_table):
        told = self.switch(client, simple_table, True)
        assert told["ContinuousBackupsStatus"] == "ENABLED"
        recovery = told["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
        assert recovery["RecoveryPeriodInDays"] == 35
        assert abs(recovery["EarliestRestorableDateTime"].timestamp() - time.time()) < 300
        assert recovery["LatestRestorableDateTime"] >= recovery["EarliestRestorableDateTime"]
        described = client.describe_continuous_backups(TableName=simple_table)
        assert described["ContinuousBackupsDescription"] == told
        changed = self.switch(client, simple_table, True, RecoveryPeriodInDays=7)
        assert changed["PointInTimeRecoveryDescription"] == recovery | {"RecoveryPeriodInDays": 7}
        told = self.switch(client, simple_table, False)
        assert told["PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}

    def test_refusals(self, client, simple_table, refused, invalid):
        refusal = refused(self.switch, client=client, table="no-such-table", is_on=True)
        assert (refusal.code, refusal.message) == (
            "TableNotFoundException", "Table not found: no-such-table")
        invalid("Value '36' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to "
                "satisfy constraint: Member must have value less than or equal to 35",
                self.switch, client=client, table=simple_table, is_on=True,
                RecoveryPeriodInDays=36)


class TestTagging:
    @pytest.mark.parametrize("arn", ["no-arn", "arn:not/a/good/format", "arn:aws:s3:::bucket"])
    def test_what_is_no_arn_is_nobodys(self, client, refused, arn):
        for operation, action, more in (
                (client.tag_resource, "TagResource", {"Tags": [{"Key": "a", "Value": "b"}]}),
                (client.untag_resource, "UntagResource", {"TagKeys": ["a"]}),
                (client.list_tags_of_resource, "ListTagsOfResource", {})):
            refusal = refused(operation, ResourceArn=arn, **more)
            assert (refusal.code, refusal.message) == (
                "AccessDeniedException", "User: arn:aws:iam::000000000000:root is not authorized "
                f"to perform: dynamodb:{action} on resource: *")

    def test_tags_are_added_and_replaced_up_to_fifty(self, client, simple_table, invalid):
        arn = client.describe_table(TableName=simple_table)["Table"]["TableArn"]

        def tags(*numbers):
            return [{"Key": f"k{n}", "Value": f"v{len(numbers)}"} for n in numbers]

        client.tag_resource(ResourceArn=arn, Tags=tags(*range(30)))
        client.tag_resource(ResourceArn=arn, Tags=tags(*range(20, 45)))
        told = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
        assert sorted(tag["Key"] for tag in told) == sorted(f"k{n}" for n in range(45))
        assert {tag["Value"] for tag in told if int(tag["Key"][1:]) >= 20} == {"v25"}
        invalid("Number of Tags exceed the current limit for the provided ResourceArn",
                client.tag_resource, ResourceArn=arn, Tags=tags(*range(40, 60)))
        client.untag_resource(ResourceArn=arn, TagKeys=[f"k{n}" for n in range(50)])
        assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == []
