import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { parseEvent } from "@event-pipeline/event-model/event";
import type { Hop } from "@event-pipeline/event-model/hop";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import { RunningClock } from "@event-pipeline/local-aws/clock";
import { stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";
import { HopTracker } from "../../hops/hop-tracker";
import { readStack } from "../../local-pipeline";

const QUEUE = "local-events-queue";
const DLQ = "local-events-dlq";
const PROCESSOR = "local-event-processor";
const [ALERTS, ALERTS_QUEUE, ALERTS_DLQ] = ["local-alerts-processor", "local-alerts-queue", "local-alerts-dlq"];
const EVENT = '{"type":"t","id":"1"}';
const ignore = () => undefined;

const bodyOf = (messageId: string) =>
  JSON.stringify({ MessageId: messageId, Timestamp: "2026-01-02T03:04:05Z", Message: EVENT });

/** Returns a tracker, the hops that it emitted, and functions that report what the services do with one event. */
function tracked() {
  const hops: Hop[] = [];
  const stage = stageWith({}, { alerts: { handler: "alert-log" } });
  const stack = readStack(stackFolder(undefined, stage), undefined, "http://127.0.0.1:1");
  const listeners = { onHop: (hop: Hop) => hops.push(hop), onPublished: ignore, onLog: ignore, onNote: ignore };
  const tracker = new HopTracker(stack, new RunningClock(), listeners);
  return {
    tracker,
    publish: (messageId: string) =>
      tracker.published({ topicArn: "arn:events", messageId, body: EVENT, attributes: {} }),
    succeed: (messageId: string, functionName: string) =>
      tracker.attempted({ body: bodyOf(messageId), receiveCount: 1, functionName, durationMs: 1 }),
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
