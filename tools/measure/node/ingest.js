// The portal's webhook (functions/src/webhook_supabase.rs) as one would write it for Lambda in Node.js with AWS's own SDK:
// verify the secret header, store the body under a condition, enqueue its key, acknowledge.
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { run } from "./runtime.js";

const LARGEST = 256 * 1024;
const dynamodb = new DynamoDBClient({});
const sqs = new SQSClient({});

// As ours does: at the cold start, before the first event is asked for.
async function settings() {
  const found = { ...process.env };
  const entries = (process.env.SECRETS ?? "").split(",").filter(Boolean);
  if (entries.length === 0) return found;
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const secrets = new SecretsManagerClient({});
  for (const entry of entries) {
    const answer = await secrets.send(new GetSecretValueCommand({ SecretId: entry }));
    Object.assign(found, JSON.parse(answer.SecretString));
  }
  return found;
}

const sha256 = (text) => createHash("sha256").update(text).digest();

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function store(own, body) {
  const id = randomUUID();
  const now = new Date();
  const due = now.getTime() + 60_000;
  const key = `intake#portal#${id}`;
  const intake = { source: "portal", id, body, received_at: now.toISOString(), processed_at: null, error: null, attempts: 0 };
  const fields = Object.entries(intake).map(([name, value]) => [name, attribute(value)]);
  await dynamodb.send(
    new PutItemCommand({
      TableName: own.TABLE_NAME,
      Item: {
        pk: { S: key },
        sk: { S: "intake" },
        rev: { S: randomUUID() },
        body: { M: Object.fromEntries(fields) },
        due_pk: { S: "intake#open" },
        due_sk: { S: `live#${due}#${key}#intake` },
      },
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    }),
  );
  const message = JSON.stringify({ v: 1, intake: { source: "portal", id } });
  await sqs.send(
    new SendMessageBatchCommand({ QueueUrl: own.QUEUE_INTAKE, Entries: [{ Id: "0", MessageBody: message }] }),
  );
  return id;
}

function attribute(value) {
  if (value === null) return { NULL: true };
  return typeof value === "number" ? { N: String(value) } : { S: value };
}

async function handle(own, event) {
  const body = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : (event.body ?? "");
  if (body.length > LARGEST) return answer(413, { title: "Too large" });
  const shown = event.headers["x-webhook-secret"];
  const secret = event.pathParameters?.project === "portal" ? own.PORTAL_WEBHOOK_SECRET : undefined;
  if (!secret || !shown || !timingSafeEqual(sha256(secret), sha256(shown))) return answer(401, { title: "Unauthorized" });
  if (!isJson(body)) return answer(400, { title: "Broken JSON" });
  return answer(200, { stored: await store(own, body) });
}

const own = settings();
run(async (event) => handle(await own, event), own);
