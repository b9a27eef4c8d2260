"""PartiQL through boto3: the statements of AWS's documentation, pages, batches, transactions."""

import uuid

import pytest
from botocore.exceptions import ClientError

from conftest import definitions, delete_quietly, index_of, key_schema, next_table_name

MUSIC = {"Artist": {"S": "Acme Band"}, "SongTitle": {"S": "PartiQL Rocks"}}


def run(client, statement, *parameters, **options):
    if parameters:
        options["Parameters"] = list(parameters)
    return client.execute_statement(Statement=statement, **options)


def refusal(client, statement, *parameters, **options):
    with pytest.raises(ClientError) as caught:
        run(client, statement, *parameters, **options)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.fixture
def music(client, new_table):
    """The Music table of the documentation, with its one song."""
    name = new_table(Artist="S", SongTitle="S")
    assert run(client, f'INSERT INTO "{name}" VALUE '
               "{'Artist':'Acme Band','SongTitle':'PartiQL Rocks'}")["Items"] == []
    return name


def song(client, table):
    return client.get_item(TableName=table, Key=MUSIC)["Item"]


# The developer guide's pages, one after another.


def test_updates_of_the_guide(client, music):
    where = "WHERE Artist='Acme Band' AND SongTitle='PartiQL Rocks'"
    run(client, f'UPDATE "{music}" SET AwardsWon=1 '
        "SET AwardDetail={'Grammys':[2020, 2018]} " + where)
    assert song(client, music)["AwardDetail"] == {
        "M": {"Grammys": {"L": [{"N": "2020"}, {"N": "2018"}]}}}
    run(client, f'UPDATE "{music}" SET AwardDetail.Grammys'
        f"=list_append(AwardDetail.Grammys,[2016]) {where}")
    run(client, f'UPDATE "{music}" REMOVE AwardDetail.Grammys[2] {where}')
    run(client, f'UPDATE "{music}" SET AwardDetail.BillBoard=[2020] {where}')
    run(client, f'UPDATE "{music}" SET BandMembers=<<\'member1\', \'member2\'>> {where}')
    run(client, f'UPDATE "{music}" SET BandMembers =set_add(BandMembers, <<\'newbandmember\'>>) '
        f"{where}")
    run(client, f'UPDATE "{music}" SET BandMembers =set_delete(BandMembers, <<\'member1\'>>) '
        f"{where}")
    got = song(client, music)
    assert got["AwardDetail"] == {"M": {"Grammys": {"L": [{"N": "2020"}, {"N": "2018"}]},
                                        "BillBoard": {"L": [{"N": "2020"}]}}}
    assert sorted(got["BandMembers"]["SS"]) == ["member2", "newbandmember"]
    told = run(client, f'UPDATE "{music}" SET AwardsWon=2 {where} RETURNING MODIFIED OLD *')
    assert told["Items"] == [{"AwardsWon": {"N": "1"}}]
    told = run(client, f'UPDATE "{music}" SET AwardsWon=3 {where} RETURNING ALL NEW *')
    assert told["Items"] == [song(client, music)]
    told = run(client, f'DELETE FROM "{music}" {where} RETURNING ALL OLD *')
    assert told["Items"][0]["AwardsWon"] == {"N": "3"}
    assert run(client, f'DELETE FROM "{music}" {where}')["Items"] == []


def test_data_types_of_the_guide(client, new_table):
    name = new_table(primarykey="S")
    run(client, f"""INSERT INTO "{name}" VALUE {{'primarykey':'1',
        'NumberType':1,
        'MapType' : {{'entryname1': 'value', 'entryname2': 4}},
        'ListType': [1,'stringval'],
        'NumberSetType':<<1,34,32,4.5>>,
        'StringSetType':<<'stringval','stringval2'>>
        }}""")
    run(client, f"""UPDATE "{name}"
        SET NumberType=NumberType + 100
        SET MapType.NewMapEntry=[2020, 'stringvalue', 2.4]
        SET ListType = LIST_APPEND(ListType, [4, <<'string1', 'string2'>>])
        SET NumberSetType= SET_ADD(NumberSetType, <<345, 48.4>>)
        SET StringSetType = SET_ADD(StringSetType, <<'stringsetvalue1', 'stringsetvalue2'>>)
        WHERE primarykey='1'""")
    run(client, f"""UPDATE "{name}"
        SET NumberType=NumberType - 1
        REMOVE ListType[1]
        REMOVE MapType.NewMapEntry
        SET NumberSetType = SET_DELETE( NumberSetType, <<345>>)
        SET StringSetType = SET_DELETE( StringSetType, <<'stringsetvalue1'>>)
        WHERE primarykey='1'""")
    item = client.get_item(TableName=name, Key={"primarykey": {"S": "1"}})["Item"]
    assert item["NumberType"] == {"N": "100"}
    assert item["MapType"] == {"M": {"entryname1": {"S": "value"}, "entryname2": {"N": "4"}}}
    assert item["ListType"]["L"][:2] == [{"N": "1"}, {"N": "4"}]
    assert sorted(item["ListType"]["L"][2]["SS"]) == ["string1", "string2"]
    assert sorted(item["NumberSetType"]["NS"], key=float) == ["1", "4.5", "32", "34", "48.4"]
    assert sorted(item["StringSetType"]["SS"]) == ["stringsetvalue2", "stringval", "stringval2"]


@pytest.fixture(scope="module")
def orders(client):
    """The Orders table of the guide, for reads alone."""
    name = next_table_name()
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=key_schema(hash="OrderID", range="Line"),
        AttributeDefinitions=definitions(OrderID="N", Line="N", City="S"),
        GlobalSecondaryIndexes=[index_of("by-city", hash="City", range="OrderID")])
    for order in range(1, 5):
        for line in range(3):
            client.put_item(TableName=name, Item={
                "OrderID": {"N": str(order)}, "Line": {"N": str(line)},
                "Total": {"N": str(order * 10 + line)}, "Image": {"B": b"x" * 100 * order},
                "City": {"S": "Kirkland" if line else "Seattle"},
                "Address": {"S": f"7834 24th, Kirkland {order}"}})
    yield name
    delete_quietly(client, name)


READS = [
    ("OrderID=1", [(1, 0), (1, 1), (1, 2)]),
    ("OrderID = 1 AND Line = 2", [(1, 2)]),
    ("OrderID = 1 and Total=11", [(1, 1)]),
    ("OrderID IN [1, 3] AND Line < 1", [(1, 0), (3, 0)]),
    ("OrderID IN [1, 2, 3] AND Line = 0 ORDER BY OrderID DESC", [(3, 0), (2, 0), (1, 0)]),
    ("OrderID = 1 ORDER BY Line DESC", [(1, 2), (1, 1), (1, 0)]),
    ("(OrderID = 1 or OrderID = 2) AND Line BETWEEN 1 AND 1", [(1, 1), (2, 1)]),
    ("\"OrderID\"=1 AND begins_with(\"Address\", '7834 24th') AND Line > 1", [(1, 2)]),
    ("\"OrderID\"=1 AND contains(\"Address\", 'Bellevue')", []),
    ("\"OrderID\"=4 AND size(\"Image\") >300 AND Line IN (0)", [(4, 0)]),
    ("OrderID = 1 AND Awards is MISSING AND attribute_type(\"Total\", 'N') AND Line = 0", [(1, 0)]),
    ("Total > 41", [(4, 2)]),
    ("Total = 41 OR Total = 22", [(2, 2), (4, 1)]),
]


@pytest.mark.parametrize(("condition", "expected"), READS)
def test_reads_of_the_guide(client, orders, condition, expected):
    rows = run(client, f'SELECT OrderID, Line FROM "{orders}" WHERE {condition}')["Items"]
    found = [(int(row["OrderID"]["N"]), int(row["Line"]["N"])) for row in rows]
    assert found == expected if "OrderID" in condition else sorted(found) == expected


def test_pages(client, orders):
    statement = f'SELECT * FROM "{orders}"."by-city" WHERE City = ? ORDER BY OrderID DESC'
    parameters = [{"S": "Kirkland"}]
    rows, token, pages = [], {}, 0
    while True:
        page = run(client, statement, *parameters, Limit=3, **token)
        rows += page["Items"]
        pages += 1
        if "NextToken" not in page:
            break
        assert set(page["LastEvaluatedKey"]) == {"OrderID", "Line", "City"}
        token = {"NextToken": page["NextToken"]}
    assert [row["OrderID"]["N"] for row in rows] == ["4", "4", "3", "3", "2", "2", "1", "1"]
    assert pages == 3
    code, message = refusal(client, statement, {"S": "Seattle"}, **token)
    assert (code, message) == ("ValidationException", "Given NextToken is invalid.")


def test_consumed_capacity(client, orders):
    def units(condition, **options):
        return run(client, f'SELECT Line FROM "{orders}" WHERE {condition}',
                   ReturnConsumedCapacity="INDEXES", **options)["ConsumedCapacity"]

    assert units("OrderID = 1 AND Line = 1") == {
        "TableName": orders, "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}}
    assert units("OrderID = 1", ConsistentRead=True)["CapacityUnits"] == 1


REFUSED = [
    ("SELECT * FROM", "Statement wasn't well formed, can't be processed: …"),
    ("SELECT * FROM \"{t}\" WHERE date = 1",
     "Statement wasn't well formed, can't be processed: Unexpected keyword"),
    ("SELECT * FROM my-{t}", "Statement wasn't well formed, can't be processed: Unexpected from source"),
    ("SELECT * FROM \"{t}\" WHERE OrderID = ?",
     "Number of parameters in request and statement don't match."),
    ("SELECT * FROM \"{t}\" ORDER BY Line",
     "Must have WHERE clause in the statement when using ORDER BY clause."),
    ("SELECT * FROM \"{t}\" WHERE Line = 1 ORDER BY Line",
     "Must have at least one non-optional hash key condition in WHERE clause when using "
     "ORDER BY clause."),
    ("SELECT * FROM \"{t}\".\"nothing\"",
     "The table does not have the specified index"),
    ("INSERT INTO \"{t}\" VALUES {{'a': 1}}", "Unsupported operation: Inserting multiple items …"),
    ("UPDATE \"{t}\" SET Total = 1 WHERE OrderID = 1",
     "Where clause does not contain a mandatory equality on all key attributes"),
    ("DELETE FROM \"{t}\" WHERE Line = 1",
     "Where clause does not contain a mandatory equality on all key attributes"),
]


@pytest.mark.parametrize(("statement", "expected"), REFUSED)
def test_refusals(client, orders, statement, expected):
    code, message = refusal(client, statement.format(t=orders))
    assert code == "ValidationException"
    if expected.endswith("…"):
        assert message.startswith(expected[:-1])
    else:
        assert message == expected


def test_what_is_not_there(client, orders):
    assert refusal(client, "SELECT * FROM nowhere") == (
        "ResourceNotFoundException", "Requested resource not found")
    assert refusal(client, f'UPDATE "{orders}" SET Total = 1 WHERE OrderID = 99 AND Line = 1') == (
        "ConditionalCheckFailedException", "The conditional request failed")


def test_duplicates_and_conditions(client, music):
    literal = "{'Artist':'Acme Band','SongTitle':'PartiQL Rocks'}"
    assert refusal(client, f'INSERT INTO "{music}" VALUE {literal}') == (
        "DuplicateItemException", "Duplicate primary key exists in table")
    with pytest.raises(ClientError) as caught:
        run(client, f'DELETE FROM "{music}" WHERE Artist=? AND SongTitle=? AND Awards=1',
            *MUSIC.values(), ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"] == MUSIC


def test_batches(client, music):
    def batch(*statements):
        return client.batch_execute_statement(
            Statements=[{"Statement": s} for s in statements], ReturnConsumedCapacity="TOTAL")

    key = "WHERE Artist='Acme Band' AND SongTitle="
    written = batch(
        f"INSERT INTO \"{music}\" VALUE {{'Artist':'Acme Band','SongTitle':'Another'}}",
        f"INSERT INTO \"{music}\" VALUE {{'Artist':'Acme Band','SongTitle':'Another'}}",
        f"UPDATE \"{music}\" SET AwardsWon=1 {key}'PartiQL Rocks'",
        f"UPDATE nowhere SET AwardsWon=1 {key}'PartiQL Rocks'")
    assert written["Responses"] == [
        {"TableName": music},
        {"TableName": music, "Error": {"Code": "DuplicateItem",
                                       "Message": "Duplicate primary key exists in table"}},
        {"TableName": music},
        {"Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}}]
    assert written["ConsumedCapacity"] == [{"TableName": music, "CapacityUnits": 3.0}]
    read = batch(f"SELECT AwardsWon FROM \"{music}\" {key}'PartiQL Rocks'",
                 f"SELECT * FROM \"{music}\" {key}'Nowhere'",
                 f"SELECT * FROM \"{music}\" WHERE Artist='Acme Band'")["Responses"]
    assert read[0] == {"TableName": music, "Item": {"AwardsWon": {"N": "1"}}}
    assert read[1] == {"TableName": music}
    assert read[2]["Error"] == {
        "Code": "ValidationError",
        "Message": "Select statements within BatchExecuteStatement must specify the primary key in "
                   "the where clause."}
    with pytest.raises(ClientError, match="ValidationException"):
        batch(f"SELECT * FROM \"{music}\" {key}'x'", f"DELETE FROM \"{music}\" {key}'x'")


def test_transactions(client, music):
    def transact(*statements, **options):
        return client.execute_transaction(
            TransactStatements=[{"Statement": text, "Parameters": list(parameters)} if parameters
                                else {"Statement": text} for text, *parameters in statements],
            **options)

    where = "WHERE Artist='Acme Band' AND SongTitle='PartiQL Rocks'"
    token = str(uuid.uuid4())
    statements = [
        (f'EXISTS(SELECT * FROM "{music}" {where} AND Awards is MISSING)',),
        (f"INSERT INTO \"{music}\" VALUE {{'Artist':?,'SongTitle':?}}", {"S": "b"}, {"S": "1"})]
    for _ in range(2):
        done = transact(*statements, ClientRequestToken=token, ReturnConsumedCapacity="TOTAL")
        assert done["Responses"] == [{}, {}]
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        transact((f'UPDATE "{music}" SET Awards=1 {where}',), statements[1])
    assert caught.value.response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}]
    assert "Awards" not in song(client, music)
    read = transact((f'SELECT SongTitle FROM "{music}" {where}',),
                    (f'SELECT * FROM "{music}" WHERE Artist=\'c\' AND SongTitle=\'d\'',),
                    ReturnConsumedCapacity="TOTAL")
    assert read["Responses"] == [{"Item": {"SongTitle": {"S": "PartiQL Rocks"}}}, {}]
    assert read["ConsumedCapacity"][0]["ReadCapacityUnits"] == 4
