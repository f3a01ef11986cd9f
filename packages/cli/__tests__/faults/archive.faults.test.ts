import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { type EventItem, wireItemOf } from "@event-pipeline/event-model/item/item";
import { NO_CONTRACTS } from "@event-pipeline/operations/deployed-contracts";
import { expectedOutcome } from "@event-pipeline/operations/expected-outcome";
import { sendAll } from "@event-pipeline/testing/dead-letters";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { type CommandResult, records } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { drained, storedIds } from "@event-pipeline/testing/stored-events";
import { wipe } from "../wipe";
import { FaultMatrix, type Scenario } from "./matrix";
import { OtherConsumer } from "./other-consumer";

const OBJECTS = 3;
const RECORDS = 12;
const DEAD_LETTERS = 2;
const ids = Array.from({ length: OBJECTS * RECORDS }, (_, index) => `event-${index}`);

let run: LocalRun;
let matrix: FaultMatrix;
let other: OtherConsumer;
let bodies: readonly string[];

beforeAll(async () => {
  // A late duplicate would store an event again that a test has deleted.
  run = await LocalRun.start("--delivery", "ordered");
  matrix = await FaultMatrix.open(run);
  other = new OtherConsumer(run.clients.sqs, matrix);
  const Timestamp = new Date().toISOString();
  bodies = ids.map((id) => envelopeOf(JSON.stringify({ type: "archived", id }), { Timestamp }));
  const Bucket = run.output("raw_bucket");
  for (let object = 0; object < OBJECTS; object += 1) {
    const lines = bodies.slice(object * RECORDS, (object + 1) * RECORDS).map((body) => `${body}\n`);
    const Key = `${archiveHourPrefix(new Date())}object-${object}.gz`;
    await run.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: gzipSync(lines.join("")) }));
  }
});

afterAll(async () => {
  await matrix.close();
  await run.stop();
});

/** Stores every event except those that are in the dead-letter queue. */
async function store(): Promise<void> {
  const { dynamodb, sqs } = run.clients;
  const items = bodies
    .slice(DEAD_LETTERS)
    .map((body) => expectedOutcome(parseEnvelope(body), 0, NO_CONTRACTS).item as EventItem);
  for (let start = 0; start < items.length; start += 25) {
    const requests = items.slice(start, start + 25).map((item) => ({ PutRequest: { Item: wireItemOf(item) } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [run.output("table_name")]: requests } }));
  }
  const QueueUrl = run.output("dlq_url");
  other.held = 0;
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  const error_code = { DataType: "String", StringValue: "REFUSED_BY_DYNAMODB" };
  const letters = bodies.slice(0, DEAD_LETTERS);
  await sendAll(
    sqs,
    QueueUrl,
    letters.map((MessageBody) => ({ MessageBody, MessageAttributes: { error_code } })),
  );
}

const empty = async () => {
  await drained(run, run.output("queue_url"));
  await wipe(run);
};

const reconcile = {
  prepare: store,
  hold: () => other.receive(run.output("dlq_url")),
  answer: (ran: CommandResult) => records(ran).filter(({ kind }) => kind === "total"),
  undone: () => other.untouched(run.output("dlq_url"), DEAD_LETTERS),
};

const notReplayed = async () => {
  await drained(run, run.output("queue_url"));
  const stored = await storedIds(run);
  const missing = ids.filter((id) => !stored.has(id)).length;
  return missing > 0 ? [`${missing} events are not in the table`] : [];
};
const replay = { prepare: empty, undone: notReplayed, counts: /\b\d+ sent/ };

const scenarios: Readonly<Record<string, Scenario>> = {
  "archive list": {
    args: ["archive", "list", "--json"],
    prepare: async () => undefined,
    answer: (ran) => records(ran).map(({ key }) => key),
  },
  "archive get": {
    args: ["archive", "get"],
    prepare: async () => undefined,
    answer: ({ stdout }) => stdout.split("\n").sort(),
  },
  "archive get --id": {
    args: ["archive", "get", "--id", "event-30", "--since", "1h"],
    prepare: async () => undefined,
    answer: ({ stdout }) => stdout,
  },
  "archive replay": { ...replay, args: ["archive", "replay", "--yes"] },
  "archive replay --only-missing": { ...replay, args: ["archive", "replay", "--only-missing", "--yes"] },
  "archive replay --dry-run": {
    args: ["archive", "replay", "--only-missing", "--dry-run", "--json"],
    prepare: empty,
    answer: (ran) => records(ran).map(({ until: _, archived_until: __, ...others }) => others),
  },
  "archive replay --resume": {
    ...replay,
    args: ["archive", "replay", "--yes", "--resume", "FOLDER/resume.json"],
    resumes: true,
    wrong: async (_ran, folder) => {
      const file = join(folder, "resume.json");
      const isFinished = existsSync(file) && JSON.parse(readFileSync(file, "utf8")).finished === true;
      const missing = isFinished ? await notReplayed() : [];
      return missing.map((text) => `the file says that the replay is finished, but ${text}`);
    },
  },
  reconcile: { ...reconcile, args: ["reconcile", "--json"] },
  "reconcile --compare-data": { ...reconcile, args: ["reconcile", "--compare-data", "--json"] },
};

test.each(Object.entries(scenarios))(
  "%s",
  async (name, scenario) => expect(await matrix.faultsIn(name, scenario)).toEqual([]),
  3_600_000,
);
