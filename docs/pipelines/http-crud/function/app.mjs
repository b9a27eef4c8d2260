// Notes over HTTP: create, read, change, list and delete, as API Gateway's proxy events ask for it.
import { dynamodb } from "./dynamodb.mjs";

const table = process.env.TABLE;

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "Content-Type": "application/json" },
  body: body === undefined ? "" : JSON.stringify(body),
});

const note = (item) => ({ id: item.id.S, text: item.text.S, edits: Number(item.edits.N) });

async function route(event) {
  const id = event.pathParameters?.id;
  const text = () => {
    const parsed = JSON.parse(event.body ?? "{}").text;
    if (typeof parsed !== "string" || parsed === "") throw new SyntaxError("text is required");
    return { S: parsed };
  };
  switch (`${event.httpMethod} ${event.resource}`) {
    case "POST /notes": {
      const item = { id: { S: event.requestContext.requestId }, text: text(), edits: { N: "0" } };
      await dynamodb("PutItem", {
        TableName: table, Item: item, ConditionExpression: "attribute_not_exists(id)",
      });
      return answer(201, note(item));
    }
    case "GET /notes": {
      const { Items } = await dynamodb("Scan", { TableName: table, ConsistentRead: true });
      return answer(200, Items.map(note).sort((a, b) => a.id.localeCompare(b.id)));
    }
    case "GET /notes/{id}": {
      const { Item } = await dynamodb("GetItem", {
        TableName: table, Key: { id: { S: id } }, ConsistentRead: true,
      });
      return Item ? answer(200, note(Item)) : answer(404, { message: "No such note" });
    }
    case "PUT /notes/{id}": {
      const { Attributes } = await dynamodb("UpdateItem", {
        TableName: table,
        Key: { id: { S: id } },
        ConditionExpression: "attribute_exists(id)",
        UpdateExpression: "SET #text = :text ADD edits :one",
        ExpressionAttributeNames: { "#text": "text" },
        ExpressionAttributeValues: { ":text": text(), ":one": { N: "1" } },
        ReturnValues: "ALL_NEW",
      });
      return answer(200, note(Attributes));
    }
    case "DELETE /notes/{id}":
      await dynamodb("DeleteItem", {
        TableName: table,
        Key: { id: { S: id } },
        ConditionExpression: "attribute_exists(id)",
      });
      return answer(204);
    default:
      return answer(405, { message: `No ${event.httpMethod} here` });
  }
}

export const handler = async (event) => {
  try {
    return await route(event);
  } catch (error) {
    if (error instanceof SyntaxError) return answer(400, { message: error.message });
    if (error.name === "ConditionalCheckFailedException") {
      return answer(404, { message: "No such note" });
    }
    console.error(error);
    return answer(500, { message: "Internal server error" });
  }
};
