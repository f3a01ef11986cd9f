// Commands against a pipeline with a contract and a mapping, whose earlier deployment had another mapping and no contract.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { wireItemOf } from "@event-pipeline/event-model/item/item";
import { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import { sendAll } from "@event-pipeline/testing/dead-letters";
import { FaultyProxy } from "@event-pipeline/testing/faulty-proxy";
import { itemOf } from "@event-pipeline/testing/items";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { type CommandResult, records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { drained, storedIds, storedItems } from "@event-pipeline/testing/stored-events";

const CONTRACT = {
  "x-event-type": "order.placed",
  "x-version": "2.0.0",
  title: "Order",
  description: "A customer ordered something.",
  type: "object",
  required: ["amount"],
  properties: { amount: { type: "number", minimum: 0 } },
  examples: [{ kind: "order.placed", key: "example", amount: 0.1 }],
};
const MAPPING = [{ type: ["/kind"], id: ["/key"] }];
/** The mapping of the earlier deployment. */
const FORMER = [{ type: ["/name"] }];

let run: LocalRun;
const cli = (...args: string[]): Promise<CommandResult> => runCliOn(run, args);

beforeAll(async () => {
  const events = mkdtempSync(join(tmpdir(), "events-"));
  writeFileSync(join(events, "order.json"), JSON.stringify(CONTRACT));
  writeFileSync(join(events, "mapping.json"), JSON.stringify(MAPPING));
  run = await LocalRun.start("--delivery", "ordered", "--stack-folder", stackFolder(undefined, undefined, events));
  const Body = JSON.stringify({ strictTypes: false, mapping: FORMER, contracts: [] });
  const Bucket = run.output("raw_bucket");
  const Key = "contracts/contracts.json";
  const { Body: deployed } = await run.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
  const current = String(await deployed?.transformToString());
  // The deployed contracts are the latest version, as after a deployment.
  for (const text of [Body, current]) {
    await run.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: text }));
  }
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function publish(event: object): Promise<string> {
  const { MessageId = "" } = await run.clients.sns.send(
    new PublishCommand({ TopicArn: run.output("topic_arn"), Message: JSON.stringify(event) }),
  );
  await run.until(() => run.idsOf("archived").has(MessageId), 30_000);
  await drained(run, run.output("queue_url"));
  return MessageId;
}

async function archivedEnvelope(messageId: string) {
  const { stdout } = await cli("archive", "get", "--id", messageId);
  return parseEnvelope(stdout.trimEnd());
}

describe("publish", () => {
  test.each([
    [["order.placed", "--data", '{"kind":"order.placed","amount":-1}'], "/amount is -1"],
    [["x", "--data", '{"kind":"order.placed","key":"a"}'], 'no member "amount"'],
  ])("%j is refused before it is sent", async (args, reason) => {
    const before = run.hops("published").length;
    const { code, stderr } = await cli("publish", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    expect(run.hops("published")).toHaveLength(before);
  });

  test("the type of an event is the one that the mapping finds", async () => {
    // The contract of the type does not concern an event that has the type only in the member `type`.
    expect((await cli("publish", "x", "--data", '{"kind":"other","amount":"none"}')).code).toBe(0);
    expect((await cli("publish", "order.placed", "--data", '{"kind":"other"}')).code).toBe(0);
  });

  test("leaves out only the lines that violate a contract", async () => {
    const lines = [
      '{"kind":"order.placed","amount":1}',
      '{"kind":"order.placed"}',
      '{"kind":"order.placed","amount":2}',
    ];
    const ran = await runCliOn(run, ["publish", "-", "--json"], `${lines.join("\n")}\n`);
    expect(ran.code).toBe(3);
    expect(records(ran).map(({ error_code }) => error_code)).toEqual([undefined, "Refused", undefined]);
  });

  test("--no-validate publishes an event that the handler refuses", async () => {
    const data = '{"kind":"order.placed","key":"unvalidated"}';
    const { code, stdout } = await cli("publish", "x", "--data", data, "--no-validate");
    expect(code).toBe(0);
    await run.waitForHop(stdout.trimEnd(), "dead-lettered");
  });

  test("--sample publishes the example of a contract, and an unknown sample names the contract's type", async () => {
    const { stdout } = await cli("publish", "--sample", "order.placed");
    await run.waitForHop(stdout.trimEnd(), "stored");
    expect(await storedIds(run)).toContain("example");
    const { code, stderr } = await cli("publish", "--sample", "order");
    expect([code, stderr]).toEqual([2, expect.stringContaining("order.placed")]);
  });

  test("a type alone that violates its contract is refused with the command that publishes the example", async () => {
    const alone = await cli("publish", "order.placed");
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining("publish --sample order.placed --local")]);
    const withData = await cli("publish", "order.placed", "--data", '{"amount":-1}');
    expect([withData.code, withData.stderr]).toEqual([2, expect.not.stringContaining("--sample")]);
  });

  test.each(["GetObject", "ListObjectVersions"])(
    "publishes without permission for %s, and names it",
    async (denied) => {
      await withDenied(denied, async (environment) => {
        const { code, stdout, stderr } = await runCli(["publish", "x", "--data", '{"kind":"order.placed"}'], {
          environment,
        });
        expect([code, stderr]).toEqual([0, expect.stringContaining(denied)]);
        await run.waitForHop(stdout.trimEnd(), "dead-lettered");
      });
    },
  );
});

test("contracts list --deployed says how the folder differs from what is deployed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "events-"));
  const listed = async () => (await cli("contracts", "list", "--deployed", "--folder", folder)).stderr;
  writeFileSync(join(folder, "order.json"), JSON.stringify(CONTRACT, undefined, 2));
  writeFileSync(join(folder, "mapping.json"), JSON.stringify(MAPPING));
  expect(await listed()).toBe(`The contracts in ${folder} are deployed.\n`);
  writeFileSync(join(folder, "order.json"), JSON.stringify({ ...CONTRACT, "x-version": "2.1.0" }));
  writeFileSync(join(folder, "mapping.json"), '["cloudevents"]');
  expect(await listed()).toMatch(/differ.*order\.placed has another.*mapping/);
  writeFileSync(join(folder, "order.json"), JSON.stringify({ ...CONTRACT, "x-event-type": "order.paid" }));
  expect(await listed()).toMatch(/order\.paid is not deployed.*order\.placed is only deployed/);
  writeFileSync(join(folder, "order.json"), "{");
  const { code, stdout, stderr } = await cli("contracts", "list", "--deployed", "--folder", folder);
  expect([code, stdout, stderr]).toEqual([
    0,
    expect.stringMatching(/^order\.placed +2\.0\.0 +[\da-f]{8} +Order$/m),
    expect.stringContaining("order.json"),
  ]);
});

test("contracts show, types, docs and asyncapi read the deployed contracts with --deployed", async () => {
  const shown = await cli("contracts", "show", "order.placed", "--deployed");
  expect([shown.code, JSON.parse(shown.stdout)]).toEqual([0, CONTRACT]);
  for (const command of ["types", "docs", "asyncapi"]) {
    const { code, stdout } = await cli("contracts", command, "--deployed", "--folder", "/nowhere");
    expect([code, stdout]).toEqual([0, expect.stringContaining("order.placed")]);
  }
});

test("events types lists types that only have a contract, and the contracts of stored types", async () => {
  await publish({ kind: "order.new", key: "typed-1" });
  const types = new Map(records(await cli("events", "types", "--json")).map((record) => [record.type, record]));
  expect(types.get("order.placed")).toMatchObject({ count: expect.any(Number), contract: "2.0.0" });
  expect(types.get("order.new")).toEqual({ type: "order.new", count: 1, newest: expect.any(String) });
  await withDenied("ListObjectVersions", async (environment) => {
    const { code, stdout, stderr } = await runCli(["events", "types"], { environment });
    expect([code, stderr]).toEqual([3, expect.stringContaining("ListObjectVersions")]);
    expect(stdout).toMatch(/^1 +\S+ ago +not known +order\.new$/m);
  });
});

test("the live page's server judges a message by the deployed contracts", async () => {
  const page = String(run.ready.page);
  const stream = await PageStream.open(page);
  const { token } = await stream.hello;
  stream.close();
  const verdictOn = async (message: string) => {
    const response = await fetch(new URL("/api/verdict", page), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ message, attributes: {} }),
    });
    return [response.status, await response.json()];
  };
  expect(await verdictOn('{"kind":"order.placed","amount":1}')).toEqual([
    200,
    { type: "order.placed", contractsHash: expect.any(String) },
  ]);
  const refused = { code: "CONTRACT_VIOLATED", reason: expect.stringContaining('/amount is "1"') };
  expect(await verdictOn('{"kind":"order.placed","amount":"1"}')).toMatchObject([200, { refusal: refused }]);
  expect(await verdictOn("{")).toMatchObject([200, { refusal: { code: "NOT_JSON" } }]);
  const unreadableTime = expect.stringContaining("The event's time is 17");
  expect(await verdictOn('{"type":"a","time":17}')).toMatchObject([200, { unreadableTime }]);
});

/** Runs `use` with an endpoint at which S3 denies requests for the contracts. */
async function withDenied(denied: string, use: (environment: { AWS_ENDPOINT_URL: string }) => Promise<void>) {
  const proxy = await FaultyProxy.open(({ service, action, request }) => {
    const isContracts = action === "ListObjectVersions" || request.url?.includes("contracts.json") === true;
    return service === "s3" && action === denied && isContracts
      ? new AwsError("AccessDenied", "no permission", 403)
      : undefined;
  }, run.ready.endpoint);
  try {
    await use({ AWS_ENDPOINT_URL: proxy.endpoint });
  } finally {
    await proxy.close();
  }
}

test("dead letters have the mapped type and ID, and are judged by the deployed contracts", async () => {
  await cli("dlq", "purge", "local-events-dlq", "--yes");
  await publish({ kind: "order.placed", key: "bad-1", amount: -2 });
  const listed = await cli("dlq", "list", "--type", "order.placed", "--id", "bad-1", "--by", "code");
  expect(listed.stdout).toMatch(/^CONTRACT_VIOLATED +1 /m);
  expect(listed.stderr).toContain("still refuses 1 of 1 message with CONTRACT_VIOLATED");
  const shown = await cli("dlq", "show", "bad-1");
  expect(shown.stderr).toContain("change the contract");
  const counted = await cli("dlq", "redrive", "--dry-run", "--json");
  expect(records(counted)).toEqual([{ would_send: 1, refused: { CONTRACT_VIOLATED: 1 } }]);
  const sent = await cli("dlq", "redrive", "--yes", "--json");
  expect(records(sent)).toMatchObject([{ sent: 1, refused: { CONTRACT_VIOLATED: 1 } }]);
  await drained(run, run.output("queue_url"));

  // An earlier contract did not allow this message, but the deployed one does.
  await cli("dlq", "purge", "local-events-dlq", "--yes");
  const accepted = envelopeOf('{"kind":"order.placed","key":"good-1","amount":1}');
  const MessageAttributes = { error_code: { DataType: "String", StringValue: "CONTRACT_VIOLATED" } };
  await sendAll(run.clients.sqs, run.output("dlq_url"), [{ MessageBody: accepted, MessageAttributes }]);
  expect((await cli("dlq", "list")).stderr).toContain("CONTRACT_VIOLATED, which the handler accepts now: ");
  const redriven = await cli("dlq", "redrive", "--yes", "--wait", "--json");
  expect([redriven.code, records(redriven)]).toMatchObject([0, [{ sent: 1, stored: 1, came_back: {} }]]);
});

test("an event is found by its mapped ID in the archive, and shown as stored", async () => {
  const messageId = await publish({ kind: "order.placed", key: "found-1", amount: 3 });
  const got = await cli("archive", "get", "--id", "found-1", "--type", "order.placed", "--message");
  expect(JSON.parse(got.stdout)).toMatchObject({ key: "found-1" });
  const shown = await cli("events", "show", "found-1", "--json");
  expect(records(shown)[0].ways).toMatchObject([{ message_id: messageId, outcome: "stored" }]);
});

describe("events of an earlier deployment", () => {
  let moved: string;
  let refused: string;

  beforeAll(async () => {
    await wipeArchive();
    moved = await publish({ kind: "order.placed", name: "order", key: "old-1", amount: 1 });
    refused = await publish({ kind: "order.placed", name: "order.placed", key: "old-2", amount: -1 });
    await cli("dlq", "purge", "local-events-dlq", "--yes");
    const TableName = run.output("table_name");
    for (const { event_type, timestamp_id } of (await storedItems(run)).values()) {
      const Key = { event_type, timestamp_id } as { event_type: { S: string }; timestamp_id: { S: string } };
      await run.clients.dynamodb.send(new DeleteItemCommand({ TableName, Key }));
    }
    for (const [id, mapping] of [[moved, FORMER] as const, [refused, MAPPING] as const]) {
      const Item = wireItemOf(itemOf(await archivedEnvelope(id), 90, new Mapping(mapping)));
      await run.clients.dynamodb.send(new PutItemCommand({ TableName, Item: { ...Item } }));
    }
    await publish({ kind: "order.placed", key: "new-1", amount: -1 });
  });

  test("are explained, and a replay neither stores them again nor sends what the contract does not allow", async () => {
    const reconciled = await cli("reconcile", "--compare-data", "--json");
    expect(reconciled.code).toBe(0);
    const total = records(reconciled).find(({ kind }) => kind === "total");
    expect(total).toMatchObject({ archived: 3, stored: 1, former_key: 1, refused: 1, missing: 0, different: 0 });
    const replayed = await cli("archive", "replay", "--only-missing", "--yes", "--json");
    expect([replayed.code, records(replayed)]).toMatchObject([0, [{ sent: 0, stored: 1, refused: 2 }]]);
    for (const [id, outcome] of [
      [moved, "stored"],
      [refused, "stored"],
    ] as const) {
      const shown = await cli("events", "show", id, "--json");
      expect(records(shown)[0].ways).toMatchObject([{ message_id: id, outcome }]);
    }
  });

  test("are neither called missing nor sent again if the contracts cannot be read", async () => {
    await withDenied("ListObjectVersions", async (environment) => {
      const ran = (...args: string[]) => runCli(args, { environment });
      const reconciled = await ran("reconcile", "--json");
      expect([reconciled.code, reconciled.stderr]).toEqual([3, expect.stringContaining("ListObjectVersions")]);
      const total = records(reconciled).find(({ kind }) => kind === "total");
      expect(total).toMatchObject({ archived: 3, missing: 0, refused: 0 });
      for (const command of [
        ["archive", "replay"],
        ["dlq", "redrive"],
      ]) {
        const { code, stderr } = await ran(...command, "--yes");
        expect([command, code, stderr]).toEqual([command, 4, expect.stringContaining("ListObjectVersions")]);
      }
      const shown = await ran("events", "show", moved, "--json");
      expect([shown.code, records(shown)[0].ways]).toMatchObject([3, [{ message_id: moved, outcome: "not known" }]]);
      expect((await ran("dlq", "list")).stderr).toContain("ListObjectVersions");
    });
    await drained(run, run.output("queue_url"));
    expect((await storedItems(run)).size).toBe(2);
  });
});

/** Deletes the archived events, but not the contracts. */
async function wipeArchive(): Promise<void> {
  const Bucket = run.output("raw_bucket");
  const { Contents = [] } = await run.clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix: "raw/" }));
  for (const { Key } of Contents) await run.clients.s3.send(new DeleteObjectCommand({ Bucket, Key }));
}
