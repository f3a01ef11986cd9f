import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { redrivableMessage, sendAll } from "@event-pipeline/testing/dead-letters";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { type CommandResult, records, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { drained } from "@event-pipeline/testing/stored-events";
import { FaultMatrix, type Scenario } from "./matrix";
import { OtherConsumer } from "./other-consumer";

const EVENTS = 8;
const DEAD_LETTERS = 12;

let run: LocalRun;
let matrix: FaultMatrix;
let other: OtherConsumer;
let storedId: string;
let refusedId: string;
/** The MessageId of an event that only the archive has. */
let waitingId: string;

beforeAll(async () => {
  run = await LocalRun.start();
  matrix = await FaultMatrix.open(run);
  other = new OtherConsumer(run.clients.sqs, matrix);
  const published = await runCliOn(run, ["publish", "seen", "--count", String(EVENTS)]);
  [storedId = ""] = published.stdout.split("\n");
  [refusedId = ""] = (await runCliOn(run, ["publish", "--sample", "not-json"])).stdout.split("\n");
  await run.until(() => run.hops("archived").length === EVENTS + 1);
  await run.waitForHop(refusedId, "dead-lettered");
  await drained(run, run.output("queue_url"));
  const waiting = envelopeOf('{"type":"seen","id":"waiting"}', { Timestamp: new Date().toISOString() });
  waitingId = JSON.parse(waiting).MessageId;
  await run.clients.s3.send(
    new PutObjectCommand({
      Bucket: run.output("raw_bucket"),
      Key: `${archiveHourPrefix(new Date())}waiting.gz`,
      Body: gzipSync(`${waiting}\n`),
    }),
  );
});

afterAll(async () => {
  await matrix.close();
  await run.stop();
});

async function fill(): Promise<void> {
  const { sqs } = run.clients;
  const QueueUrl = run.output("dlq_url");
  other.held = 0;
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await sendAll(
    sqs,
    QueueUrl,
    Array.from({ length: DEAD_LETTERS }, (_, index) => redrivableMessage(`dead-${index}`)),
  );
}

const peek = {
  prepare: fill,
  hold: () => other.receive(run.output("dlq_url")),
  undone: () => other.untouched(run.output("dlq_url"), DEAD_LETTERS),
};

/** Returns the parts of a status that do not depend on the time. */
function statusOf({ stdout }: Pick<CommandResult, "stdout">): unknown {
  const [last = "{}"] = stdout.trimEnd().split("\n").slice(-1);
  const { queues, dead_letters, last_stored, archive, alarms, not_seen } = JSON.parse(last || "{}");
  const unseen = (not_seen as { what: string }[] | undefined)?.map(({ what }) => what).sort();
  return { queues, dead_letters, last_stored, archive, alarms, unseen };
}

const status = { prepare: fill, undone: peek.undone, answer: statusOf };

/** @param isSearched - True if the command looks for the event in the dead-letter queue. */
const show = (id: () => string, isSearched = false): Scenario => ({
  ...peek,
  undone: async ({ stdout }) => {
    // The other consumer may receive the messages after the command has seen them.
    const isMissed = isSearched && other.held > 0 && !stdout.includes(`${DEAD_LETTERS} messages in local-events-dlq`);
    return [...(await peek.undone()), ...(isMissed ? [`${other.held} dead letters were not seen`] : [])];
  },
  get args() {
    return ["events", "show", id(), "--json"];
  },
  answer: (ran) =>
    records(ran).map(({ ways, sources }) => ({
      ways: ways.map(({ outcome, attempts, archived, dead_letter, stored }: Record<string, unknown>) => {
        return { outcome, attempts, archived, dead_letter, stored };
      }),
      sources: sources.map(({ place, seen }: Record<string, unknown>) => [place, seen]),
    })),
});

/** Returns whether stderr has two messages about something that is not known. */
const hasSaidTwice = (stderr: string) => (stderr.match(/not known|cannot be read/gi) ?? []).length >= 2;

const tail = {
  prepare: async () => undefined,
  answer: (ran: CommandResult) => records(ran).map(({ at, sns_message_id, end }) => [at, sns_message_id, end]),
  isEnough: ({ stderr }: Pick<CommandResult, "stderr">) => hasSaidTwice(stderr),
};

const scenarios: Readonly<Record<string, Scenario>> = {
  "events list": {
    args: ["events", "list", "--type", "seen", "--json"],
    prepare: async () => undefined,
    answer: (ran) => records(ran).map(({ message_id }) => message_id),
  },
  "events types": { args: ["events", "types", "--json"], prepare: async () => undefined, answer: records },
  "events show (stored)": show(() => storedId),
  "events show (refused)": show(() => refusedId),
  "events show (waiting)": show(() => waitingId, true),
  "events show (not found)": show(() => "never-published", true),
  "events tail": { ...tail, args: ["events", "tail", "--since", "1h", "--limit", String(EVENTS + 1), "--json"] },
  "events tail --filter": {
    ...tail,
    args: ["events", "tail", "--since", "1h", "--filter", "type=seen", "--limit", String(EVENTS), "--json"],
  },
  status: { ...status, args: ["status", "--json"] },
  "status --watch": {
    ...status,
    args: ["status", "--watch", "--json"],
    isEnough: ({ stdout, stderr }) => hasSaidTwice(stderr) || stdout.split("\n").length > 4,
  },
  doctor: {
    get args() {
      return ["doctor", "--json", "--stack-folder", String(process.env.TEST_RUN_FOLDER)];
    },
    prepare: async () => undefined,
    answer: records,
  },
};

test.each(Object.entries(scenarios))(
  "%s",
  async (name, scenario) => expect(await matrix.faultsIn(name, scenario)).toEqual([]),
  3_600_000,
);
