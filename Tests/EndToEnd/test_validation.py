"""What is refused, and in which words."""

import pytest

KEY = {"id": {"S": "a"}}


class TestAttributeValues:
    @pytest.mark.parametrize("value, message", [
        ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported "
             "datatypes"),
        ({"S": "a", "N": "1"}, "Supplied AttributeValue has more than one datatypes set, must "
                               "contain exactly one of the supported datatypes"),
        ({"N": "abc"}, "The parameter cannot be converted to a numeric value: abc"),
        ({"N": "1e"}, "The parameter cannot be converted to a numeric value: 1e"),
        ({"N": "NaN"}, "The parameter cannot be converted to a numeric value: NaN"),
        ({"N": "1" * 39}, "Attempting to store more than 38 significant digits in a Number"),
        ({"N": "1E126"}, "Number overflow. Attempting to store a number with magnitude larger "
                         "than supported range"),
        ({"N": "1E-131"}, "Number underflow. Attempting to store a number with magnitude smaller "
                          "than supported range"),
        ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
        ({"NS": []}, "One or more parameter values were invalid: An number set  may not be empty"),
        ({"SS": ["a", "a"]}, "One or more parameter values were invalid: Input collection [a, a] "
                             "contains duplicates."),
        ({"NS": ["1", "2", "1.0"]}, "Input collection contains duplicates…"),
        ({"NS": ["x"]}, "The parameter cannot be converted to a numeric value: x"),
        ({"M": {"deep": {"L": [{"N": "x"}]}}},
         "The parameter cannot be converted to a numeric value: x"),
        ({"NULL": False}, "One or more parameter values were invalid: Null attribute value types "
                          "must have the value of true"),
    ])
    def test_values(self, client, simple_table, invalid, value, message):
        invalid(message, client.put_item, TableName=simple_table, Item=KEY | {"x": value})

    def test_keys(self, client, simple_table, invalid):
        put = client.put_item
        invalid("One or more parameter values were invalid: Missing the key id in the item",
                put, TableName=simple_table, Item={"x": {"S": "a"}})
        invalid("One or more parameter values were invalid: Type mismatch for key id "
                "expected: S actual: N", put, TableName=simple_table, Item={"id": {"N": "1"}})
        invalid("One or more parameter values are not valid. The AttributeValue for a key "
                "attribute cannot contain an empty string value. Key: id",
                put, TableName=simple_table, Item={"id": {"S": ""}})
        schema = "The provided key element does not match the schema"
        for key in ({}, {"x": {"S": "a"}}, {"id": {"N": "1"}}, KEY | {"x": {"S": "a"}}):
            invalid(schema, client.get_item, TableName=simple_table, Key=key)
            invalid(schema, client.delete_item, TableName=simple_table, Key=key)
            invalid(schema, client.update_item, TableName=simple_table, Key=key)

    def test_absent_table(self, client, refused):
        for operation, parameters in (
                (client.get_item, {"Key": KEY}), (client.put_item, {"Item": KEY}),
                (client.update_item, {"Key": KEY}), (client.delete_item, {"Key": KEY}),
                (client.scan, {}),
                (client.query, {"KeyConditionExpression": "id = :x",
                                "ExpressionAttributeValues": {":x": {"S": "a"}}})):
            refusal = refused(operation, TableName="no-such-table", **parameters)
            assert refusal.code == "ResourceNotFoundException"
            assert refusal.message == "Requested resource not found"


class TestExpressions:
    @pytest.mark.parametrize("expression, message", [
        ("", "Invalid ConditionExpression: The expression can not be empty;"),
        ("x =", 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'),
        ("x = :v)", 'Invalid ConditionExpression: Syntax error; token: ")", near: ":v)"'),
        ("name = :v", "Invalid ConditionExpression: Attribute name is a reserved keyword; "
                      "reserved keyword: name"),
        ("x = :w", "Invalid ConditionExpression: An expression attribute value used in "
                   "expression is not defined; attribute value: :w"),
        ("#x = :v", "Invalid ConditionExpression: An expression attribute name used in the "
                    "document path is not defined; attribute name: #x"),
        ("unknown(x, :v)", "Invalid ConditionExpression: Invalid function name; function: unknown"),
        ("size(x)", "Invalid ConditionExpression: The function is not allowed to be used this way "
                    "in an expression; function: size"),
        ("begins_with(x) AND x = :v", "Invalid ConditionExpression: Incorrect number of operands "
                                      "for operator or function; operator or function: "
                                      "begins_with, number of operands: 1"),
    ])
    def test_conditions(self, client, simple_table, invalid, expression, message):
        invalid(message, client.put_item, TableName=simple_table, Item=KEY,
                ConditionExpression=expression, ExpressionAttributeValues={":v": {"S": "a"}})

    @pytest.mark.parametrize("expression, message", [
        ("", "Invalid UpdateExpression: The expression can not be empty;"),
        ("SET x", 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "x"'),
        ("SET x = :v, x = :v", "Invalid UpdateExpression: Two document paths overlap with each "
                               "other; must remove or rewrite one of these paths; "
                               "path one: [x], path two: [x]"),
        ("SET x.y = :v REMOVE x", "Invalid UpdateExpression: Two document paths overlap…"),
        ("SET x = :v SET y = :v", 'Invalid UpdateExpression: The "SET" section can only be used '
                                  "once in an update expression;"),
        ("ADD x :v", "Invalid UpdateExpression: Incorrect operand type for operator or function; "
                     "operator: ADD, operand type: STRING…"),
        ("DELETE x :v", "Invalid UpdateExpression: Incorrect operand type for operator or "
                        "function; operator: DELETE, operand type: STRING…"),
        ("SET x = :v + :v", "Invalid UpdateExpression: Incorrect operand type for operator or "
                            "function; operator or function: +, operand type: S"),
    ])
    def test_updates(self, client, simple_table, invalid, expression, message):
        invalid(message, client.update_item, TableName=simple_table, Key=KEY,
                UpdateExpression=expression, ExpressionAttributeValues={":v": {"S": "a"}})

    def test_unused_names_and_values(self, client, simple_table, invalid):
        invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}",
                client.put_item, TableName=simple_table, Item=KEY, ConditionExpression="x = :v",
                ExpressionAttributeValues={":v": {"S": "a"}, ":u": {"S": "a"}})
        invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}",
                client.get_item, TableName=simple_table, Key=KEY, ProjectionExpression="x",
                ExpressionAttributeNames={"#u": "x"})
        invalid("ExpressionAttributeNames can only be specified when using expressions…",
                client.get_item, TableName=simple_table, Key=KEY,
                ExpressionAttributeNames={"#u": "x"})
        invalid("ExpressionAttributeValues can only be specified when using expressions…",
                client.put_item, TableName=simple_table, Item=KEY,
                ExpressionAttributeValues={":v": {"S": "x"}})

    def test_projections(self, client, simple_table, invalid):
        get = client.get_item
        invalid("Invalid ProjectionExpression: Attribute name is a reserved keyword; "
                "reserved keyword: status",
                get, TableName=simple_table, Key=KEY, ProjectionExpression="x, status")
        invalid("Invalid ProjectionExpression: Two document paths overlap…",
                get, TableName=simple_table, Key=KEY, ProjectionExpression="x.y, x")

    def test_filters(self, client, simple_table, invalid):
        invalid("Invalid FilterExpression: The expression can not be empty;",
                client.scan, TableName=simple_table, FilterExpression="")


class TestParameters:
    def test_enumerations(self, client, simple_table, invalid):
        invalid("Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: "
                "Member must satisfy enum value set: […",
                client.get_item, TableName=simple_table, Key=KEY, ReturnConsumedCapacity="SOME")
        invalid("Value 'SOME' at 'select' failed to satisfy constraint: "
                "Member must satisfy enum value set: […",
                client.scan, TableName=simple_table, Select="SOME")

    def test_violations_are_collected(self, client, simple_table, refused):
        refusal = refused(
            client.scan, TableName=simple_table, Limit=0, Select="SOME", Segment=-1)
        assert refusal.message.startswith("3 validation errors detected: ")
        for violation in (
                "Value '0' at 'limit' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1",
                "Value 'SOME' at 'select' failed to satisfy constraint: ",
                "Value '-1' at 'segment' failed to satisfy constraint: "
                "Member must have value greater than or equal to 0"):
            assert violation in refusal.message

    def test_constraints_come_before_everything(self, client, refused):
        refusal = refused(client.scan, TableName="no-such-table", Limit=0)
        assert refusal.code == "ValidationException"

    def test_required_members(self, raw):
        error = raw.send("PutItem", {"TableName": "abc"}).error()
        assert error.code == "ValidationException"
        assert error.message == (
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: "
            "Member must not be null")

    def test_return_values(self, client, simple_table, invalid):
        invalid("ReturnValues can only be ALL_OLD or NONE", client.put_item,
                TableName=simple_table, Item=KEY, ReturnValues="UPDATED_NEW")
        invalid("ReturnValues can only be ALL_OLD or NONE", client.delete_item,
                TableName=simple_table, Key=KEY, ReturnValues="ALL_NEW")
