import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { parseEvent } from "@event-pipeline/event-model/event";
import type { Hop } from "@event-pipeline/event-model/hop";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { RunningClock } from "@event-pipeline/local-aws/clock";
import { stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";
import { HopTracker, type TopicMessage } from "../../hops/hop-tracker";
import { readStack } from "../../local-pipeline";

const QUEUE = "local-events-queue";
const DLQ = "local-events-dlq";
const PROCESSOR = "local-event-processor";
const [ALERTS, ALERTS_QUEUE, ALERTS_DLQ] = ["local-alerts-processor", "local-alerts-queue", "local-alerts-dlq"];
const EVENT = '{"type":"t","id":"1"}';
const ignore = () => undefined;

const bodyOf = (messageId: string, message = EVENT) =>
  JSON.stringify({ MessageId: messageId, Timestamp: "2026-01-02T03:04:05Z", Message: message });

/** Returns a tracker, the hops that it emitted, and functions that report what the services do with one event. */
function tracked(eventsFolder?: string) {
  const hops: Hop[] = [];
  const published: TopicMessage[] = [];
  const stage = stageWith({}, { alerts: { handler: "alert-log" } });
  const stack = readStack(stackFolder(undefined, stage, eventsFolder), undefined, "http://127.0.0.1:1");
  const listeners = {
    onHop: (hop: Hop) => hops.push(hop),
    onPublished: (message: TopicMessage) => published.push(message),
    onLog: ignore,
    onNote: ignore,
  };
  const tracker = new HopTracker(stack, new RunningClock(), listeners);
  return {
    tracker,
    published,
    publish: (messageId: string, body = EVENT) =>
      tracker.published({ topicArn: "arn:events", messageId, body, subject: undefined, attributes: {} }),
    succeed: (messageId: string, functionName: string, message?: string) =>
      tracker.attempted({ body: bodyOf(messageId, message), receiveCount: 1, functionName, durationMs: 1 }),
    enqueue: (queueName: string) => tracker.enqueued({ queueName, body: bodyOf("m"), attributes: {} }),
    remove: (queueName: string) => tracker.deleted({ queueName, body: bodyOf("m") }),
    /** Returns the message IDs of the hops of a kind. */
    idsOf: (kind: Hop["kind"]) => hops.filter((hop) => hop.kind === kind).map(({ messageId }) => messageId),
    hops,
  };
}

test("reports each publication of equal events as stored once, when the event processor succeeds", () => {
  const { tracker, publish, succeed, idsOf } = tracked();
  for (const messageId of ["first", "equal"]) publish(messageId);
  // The handler writes equal events of a batch once.
  const envelope = parseEnvelope(bodyOf("first"));
  const { event_type, timestamp_id } = eventKeyOf(parseEvent(envelope), envelope);
  tracker.stored({ event_type: { S: event_type }, timestamp_id: { S: timestamp_id }, message_id: { S: "first" } });
  succeed("first", PROCESSOR);
  expect(idsOf("stored")).toEqual(["first"]);
  succeed("equal", ALERTS);
  expect(idsOf("stored")).toEqual(["first"]);
  for (let deliveries = 1; deliveries <= 2; deliveries += 1) succeed("equal", PROCESSOR);
  expect(idsOf("stored")).toEqual(["first", "equal"]);
});

/** Returns a folder with a mapping. */
function mappingFolder(...entries: readonly object[]): string {
  const folder = mkdtempSync(join(tmpdir(), "events-"));
  writeFileSync(join(folder, "mapping.json"), JSON.stringify(entries));
  return folder;
}

test("reads type and ID by the mapping of the stack, and recognizes equal events by it", () => {
  const { tracker, publish, succeed, idsOf, published, hops } = tracked(
    mappingFolder({ type: ["/kind"], id: ["/key"], time: ["/at"] }),
  );
  const event = '{"kind":"scan","key":"k-1","at":"2026-01-01T00:00:00Z"}';
  for (const messageId of ["first", "equal"]) publish(messageId, event);
  publish("other", '{"type":"plain","id":7}');
  publish("untyped", "{}");
  publish("invalid", '{"type":5,"id":"i"}');
  publish("poison", "{");
  const identities = published.map(({ type, mappedBy }) => [type, mappedBy]);
  const scan = ["scan", "rule 1"];
  const none = ["", undefined];
  expect(identities).toEqual([scan, scan, ["plain", undefined], ["unknown", undefined], none, none]);
  expect(hops.map(({ eventId }) => eventId)).toEqual(["k-1", "k-1", "7", "untyped", "i", "poison"]);
  const envelope = parseEnvelope(bodyOf("first", event));
  const mapping = new Mapping([{ type: ["/kind"], id: ["/key"], time: ["/at"] }]);
  const { event_type, timestamp_id } = eventKeyOf(parseEvent(envelope, { mapping }), envelope);
  tracker.stored({ event_type: { S: event_type }, timestamp_id: { S: timestamp_id }, message_id: { S: "first" } });
  for (const messageId of ["first", "equal"]) succeed(messageId, PROCESSOR, event);
  expect(idsOf("stored")).toEqual(["first", "equal"]);
});

test("shows the ID that the table has, and reads later events by the mapping of a new stack", () => {
  const { tracker, publish, succeed, hops, published } = tracked(mappingFolder({ type: ["/kind"], id: ["/key"] }));
  const event = '{"kind":"scan","key":"k-1","number":"n-1"}';
  publish("before", event);
  const folder = stackFolder(undefined, stageWith(), mappingFolder({ type: ["/kind"], id: ["/number"] }));
  tracker.useMappingOf(readStack(folder, undefined, "http://127.0.0.1:1"));
  publish("after", event);
  expect(hops.map(({ eventId }) => eventId)).toEqual(["k-1", "n-1"]);
  // The handler stores the first event by the new mapping, for example after a redrive.
  const key = { event_type: { S: "scan" }, timestamp_id: { S: "2026-01-02T03:04:05.000Z#n-1#digest" } };
  tracker.stored({ ...key, event_id: { S: "n-1" }, message_id: { S: "before" } });
  succeed("before", PROCESSOR, event);
  expect(hops.findLast(({ kind }) => kind === "stored")).toMatchObject({ messageId: "before", eventId: "n-1" });
  expect(published.map(({ type }) => type)).toEqual(["scan", "scan"]);
});

test("does not report an event as stored if it is refused and equals a stored one, until it is redriven", () => {
  const { tracker, publish, succeed, enqueue, idsOf } = tracked();
  const envelope = parseEnvelope(bodyOf("m"));
  const { event_type, timestamp_id } = eventKeyOf(parseEvent(envelope), envelope);
  publish("stored before");
  tracker.stored({ event_type: { S: event_type }, timestamp_id: { S: timestamp_id }, message_id: { S: "before" } });
  publish("m");
  enqueue(QUEUE);
  // A contract that did not exist before refuses it.
  enqueue(DLQ);
  succeed("m", PROCESSOR);
  expect(idsOf("stored")).toEqual([]);
  enqueue(QUEUE);
  succeed("m", PROCESSOR);
  expect(idsOf("stored")).toEqual(["m"]);
});

test.each([
  ["a purge", [DLQ], [DLQ], true],
  ["a redrive", [DLQ, QUEUE], [DLQ], false],
  ["a redrive that became a dead letter again", [DLQ, QUEUE, DLQ], [DLQ], false],
  ["a purge after such a redrive", [DLQ, QUEUE, DLQ], [DLQ, DLQ], true],
  ["a purge after another subscriber's redrive", [DLQ, ALERTS_DLQ, ALERTS_QUEUE], [DLQ], true],
  ["a success", [QUEUE], [QUEUE], false],
] as const)("reports a dead letter as purged, or not, after %s", (_, arrivals, deletions, isPurged) => {
  const { publish, enqueue, remove, idsOf, hops } = tracked();
  publish("m");
  for (const queue of arrivals) enqueue(queue);
  for (const queue of deletions) remove(queue);
  expect(idsOf("purged")).toEqual(isPurged ? ["m"] : []);
  if (isPurged) expect(hops.at(-1)?.detail).toEqual({ queue: DLQ });
});
