// DynamoDB with nothing but Node: a signed request (Signature Version 4) by fetch. With the AWS SDK in
// your package, use that.
import { createHash, createHmac } from "node:crypto";

const hash = (text) => createHash("sha256").update(text).digest("hex");
const code = (key, text) => createHmac("sha256", key).update(text).digest();

function sign(host, target, body) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = process.env;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [time.slice(0, 8), AWS_REGION, "dynamodb", "aws4_request"];
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    host,
    "x-amz-date": time,
    "x-amz-security-token": AWS_SESSION_TOKEN,
    "x-amz-target": target,
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
  const request = ["POST", "/", "", lines, names, hash(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), hash(request)].join("\n");
  const key = scope.reduce(code, `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const signature = code(key, text).toString("hex");
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope.join("/")}, `
    + `SignedHeaders=${names}, Signature=${signature}`;
  return headers;
}

/** Calls an operation; an error has the service's name and message. */
export async function dynamodb(operation, input) {
  const endpoint = new URL(process.env.AWS_ENDPOINT_URL_DYNAMODB);
  const body = JSON.stringify(input);
  const headers = sign(endpoint.host, `DynamoDB_20120810.${operation}`, body);
  const response = await fetch(endpoint, { method: "POST", headers, body });
  const answer = await response.json();
  if (response.ok) return answer;
  const name = answer.__type.split("#").pop();
  throw Object.assign(new Error(answer.message ?? answer.Message), { name });
}
