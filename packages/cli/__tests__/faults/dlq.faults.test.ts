import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListSubscriptionsByTopicCommand } from "@aws-sdk/client-sns";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { redrivableMessage, sendAll } from "@event-pipeline/testing/dead-letters";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { counts, urlOf } from "@event-pipeline/testing/queues";
import { type CommandResult, records, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { archivedAll, drained, storedIds } from "@event-pipeline/testing/stored-events";
import { FaultMatrix, type Scenario } from "./matrix";
import { OtherConsumer } from "./other-consumer";

const letters = join(mkdtempSync(join(tmpdir(), "letters-")), "letters.ndjson");

/** More than a batch of 10, which is what one of the 4 concurrent polls receives. */
const MESSAGES = 23;

let run: LocalRun;
let matrix: FaultMatrix;
let other: OtherConsumer;
let dlq: string;
let undelivered: string;
let subscriptionArns: Record<"sqs" | "firehose", string>;
let generation = 0;

beforeAll(async () => {
  run = await LocalRun.start();
  matrix = await FaultMatrix.open(run);
  other = new OtherConsumer(run.clients.sqs, matrix);
  dlq = run.output("dlq_url");
  undelivered = await urlOf(run.clients.sqs, "local-events-undelivered");
  const { Subscriptions = [] } = await run.clients.sns.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: run.output("topic_arn") }),
  );
  const arnOf = (protocol: string) =>
    String(Subscriptions.find(({ Protocol }) => Protocol === protocol)?.SubscriptionArn);
  subscriptionArns = { sqs: arnOf("sqs"), firehose: arnOf("firehose") };
});

afterAll(async () => {
  await matrix.close();
  await run.stop();
});

/** The IDs of the messages in the queue; each preparation has its own. */
const ids = () => Array.from({ length: MESSAGES }, (_, index) => `event-${generation}-${index}`);
const purge = (QueueUrl: string) => run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl }));
const fill = async () => {
  generation += 1;
  other.held = 0;
  await purge(dlq);
  await sendAll(
    run.clients.sqs,
    dlq,
    ids().map((id) => redrivableMessage(id)),
  );
};
const total = async (queue: string) => (await counts(run.clients.sqs, queue)).reduce((sum, count) => sum + count, 0);

/** Returns a problem if a message is in no queue and not in the table. */
async function lost(): Promise<string[]> {
  await drained(run, run.output("queue_url"));
  const stored = await storedIds(run);
  const left = await total(dlq);
  const done = ids().filter((id) => stored.has(id)).length;
  return done + left < MESSAGES ? [`${MESSAGES - done - left} messages are lost`] : [];
}

async function notRedriven(): Promise<string[]> {
  await drained(run, run.output("queue_url"));
  const stored = await storedIds(run);
  const left = await total(dlq);
  const unsent = ids().filter((id) => !stored.has(id)).length;
  return left + unsent === 0 ? [] : [`${left} messages are in the dead-letter queue, ${unsent} are not in the table`];
}

const hold = () => other.receive(dlq);
/** Returns a problem if the command says that it sent more messages than arrived. */
async function overstated({ stderr }: CommandResult): Promise<string[]> {
  const sent = Number(/(\d+) of \d+ messages? sent/.exec(stderr)?.[1] ?? 0);
  const stored = await storedIds(run);
  const arrived = ids().filter((id) => stored.has(id)).length;
  return sent > arrived ? [`says that it sent ${sent} messages, but ${arrived} arrived`] : [];
}

const peek = {
  prepare: fill,
  hold,
  undone: () => other.untouched(dlq, MESSAGES),
  wrong: async ({ stderr }: CommandResult) => {
    const released = Number(/Peeked at (\d+) .*\. They are visible again/.exec(stderr)?.[1] ?? 0);
    const [visible = 0] = await counts(run.clients.sqs, dlq);
    const isUntrue = visible < released && !matrix.haveLeasesEnded;
    return [...(isUntrue ? [`says that ${released} messages are visible, not ${visible}`] : []), ...(await lost())];
  },
};
const redrive = {
  prepare: fill,
  hold,
  undone: notRedriven,
  wrong: async (ran: CommandResult) => [...(await lost()), ...(await overstated(ran))],
  counts: /\b\d+ of \d+ messages? sent/,
};

/** Returns the lines of the exported file; undefined if there is none. */
function exported(folder: string): string[] | undefined {
  const file = join(folder, "letters.ndjson");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n") : undefined;
}

const scenarios: Readonly<Record<string, () => Scenario>> = {
  "dlq list": () => ({
    ...peek,
    args: ["dlq", "list", "--json"],
    answer: (ran) => records(ran).map(({ code, count }) => [code, count]),
  }),
  "dlq show": () => ({
    ...peek,
    args: ["dlq", "show", "event-7", "--json"],
    prepare: async () => {
      await fill();
      await sendAll(run.clients.sqs, dlq, [redrivableMessage("event-7")]);
    },
    undone: () => other.untouched(dlq, MESSAGES + 1),
    answer: (ran) => records(ran).map(({ event_id }) => event_id),
  }),
  "dlq export": () => ({
    ...peek,
    args: ["dlq", "export", "FOLDER/letters.ndjson"],
    undone: async (_ran, folder) => {
      const found = new Set((exported(folder) ?? []).filter(Boolean).map((line) => JSON.parse(line).event_id));
      const missing = ids().filter((id) => !found.has(id)).length;
      return [
        ...(missing > 0 ? [`${missing} messages are not in the file`] : []),
        ...(await other.untouched(dlq, MESSAGES)),
      ];
    },
    wrong: async ({ code }, folder) => {
      const lines = exported(folder);
      const isCut = lines !== undefined && (lines.at(-1) !== "" || lines.length === 1);
      return [...(isCut && code !== 0 ? ["the file is cut"] : []), ...(await lost())];
    },
    counts: /\d+/,
  }),
  "dlq purge": () => ({
    args: ["dlq", "purge", "local-events-dlq", "--yes"],
    prepare: fill,
    undone: async () => ((await total(dlq)) > 0 ? ["messages are left"] : []),
  }),
  "dlq purge --exported": () => ({
    args: ["dlq", "purge", "--exported", letters, "--yes"],
    prepare: async () => {
      await fill();
      rmSync(letters, { force: true });
      expect((await runCliOn(run, ["dlq", "export", letters])).code).toBe(0);
      await sendAll(run.clients.sqs, dlq, [redrivableMessage("not-exported")]);
    },
    hold,
    undone: async () => {
      const left = (await total(dlq)) - 1;
      return left > 0 ? [`${left} exported messages are in the queue`] : [];
    },
    wrong: async () => ((await total(dlq)) < 1 ? ["the message that was not exported is deleted"] : []),
    counts: /\b\d+ of \d+ exported messages deleted/,
  }),
  "dlq redrive": () => ({ ...redrive, args: ["dlq", "redrive", "--yes"] }),
  "dlq redrive --dry-run": () => ({
    ...peek,
    args: ["dlq", "redrive", "--dry-run", "--json"],
    answer: records,
  }),
  "dlq redrive --wait": () => ({ ...redrive, args: ["dlq", "redrive", "--yes", "--wait"] }),
  "dlq redrive undelivered": () => ({
    args: ["dlq", "redrive", "--queue", "undelivered", "--yes"],
    prepare: async () => {
      generation += 1;
      await purge(undelivered);
      const Timestamp = new Date().toISOString();
      const messages = ids().map((id, index) => ({
        MessageBody: envelopeOf(JSON.stringify({ type: "undelivered", id }), {
          Timestamp,
          UnsubscribeURL: `https://sns/?SubscriptionArn=${index % 2 === 0 ? subscriptionArns.sqs : subscriptionArns.firehose}`,
        }),
      }));
      await sendAll(run.clients.sqs, undelivered, messages);
    },
    hold: () => other.receive(undelivered),
    undone: async () => {
      const left = await total(undelivered);
      return left > 0 ? [`${left} messages are in the queue`] : [];
    },
    wrong: async () => {
      await drained(run, run.output("queue_url"));
      const left = await total(undelivered);
      const stored = await storedIds(run);
      const archivable = ids().filter((_, index) => index % 2 === 1);
      const notStored = ids().filter((id, index) => index % 2 === 0 && !stored.has(id)).length;
      if (notStored > left) return [`${notStored - left} events are lost`];
      if (left > 0) return [];
      const archived = await archivedAll(run, archivable);
      return archivable.every((id) => archived.has(id)) ? [] : ["events are not in the archive"];
    },
    counts: /\b\d+ of \d+ messages? sent/,
  }),
};

test.each(Object.entries(scenarios))(
  "%s",
  async (name, scenario) => expect(await matrix.faultsIn(name, scenario())).toEqual([]),
  3_600_000,
);
