import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import fc from "fast-check";
import type { EventRow } from "../../api";
import { EventLog, MAX_EVENTS } from "../../server/event-log";

const OWN = { queueName: "events-queue", deadLetterQueueName: "events-dlq", functionName: "processor" };

function hopOf(messageId: string, kind: HopKind, detail: Hop["detail"] = {}): Hop {
  const own: Partial<Record<HopKind, Hop["detail"]>> = {
    queued: { queue: OWN.queueName },
    processed: { function: OWN.functionName, attempt: 1, ms: 5 },
    failed: { function: OWN.functionName, attempt: 1, ms: 5, reason: "no table" },
    "dead-lettered": { queue: OWN.deadLetterQueueName },
  };
  return {
    at: 1_000,
    kind,
    eventId: messageId,
    messageId,
    sincePublishedMs: 10,
    detail: { ...own[kind], ...detail },
  };
}

function logOf(...hops: Hop[]): EventLog {
  const log = new EventLog(OWN);
  for (const hop of hops) log.hop(hop);
  return log;
}

const rowOf = (log: EventLog, messageId: string) => log.detail(messageId)?.row as EventRow;

/** Reads all changes, as a page does. */
function readAll(log: EventLog, rows: Map<string, EventRow>, from: number): number {
  let revision = from;
  for (;;) {
    const changes = log.changesSince(revision);
    for (const row of changes.rows) rows.set(row.messageId, row);
    revision = changes.revision;
    if (!changes.more) return revision;
  }
}

test("returns each row's latest state", () => {
  const stages = fc.constantFrom<HopKind>("published", "queued", "processed", "stored", "failed", "archived");
  const acts = fc.array(fc.oneof(fc.tuple(fc.integer({ min: 0, max: 15 }), stages), fc.constant("read" as const)));
  fc.assert(
    fc.property(acts, (all) => {
      const log = new EventLog(OWN);
      const rows = new Map<string, EventRow>();
      const ids = new Set<string>();
      let revision = 0;
      for (const act of [...all, "read" as const]) {
        if (act === "read") revision = readAll(log, rows, revision);
        else {
          ids.add(`m${act[0]}`);
          log.hop(hopOf(`m${act[0]}`, act[1]));
        }
      }
      expect(new Set(rows.keys())).toEqual(ids);
      for (const [id, row] of rows) expect(row).toEqual(rowOf(log, id));
    }),
  );
});

test.each<[string, Hop[], Partial<EventRow>]>([
  ["an event that waits", [hopOf("m", "published"), hopOf("m", "queued")], { status: "waiting" }],
  ["an event that is retried", [hopOf("m", "queued"), hopOf("m", "failed")], { status: "retrying", failures: 1 }],
  [
    "an event that is stored",
    [hopOf("m", "queued"), hopOf("m", "processed"), hopOf("m", "stored")],
    { status: "stored" },
  ],
  [
    "an event that is rejected",
    [hopOf("m", "queued"), hopOf("m", "dead-lettered", { error_code: "NOT_JSON" }), hopOf("m", "processed")],
    { status: "dead", errorCode: "NOT_JSON" },
  ],
  [
    "an event that is redriven",
    [hopOf("m", "queued"), hopOf("m", "dead-lettered"), hopOf("m", "queued")],
    { status: "waiting" },
  ],
  [
    "an event that the queue's filter policy drops",
    [hopOf("m", "filtered", { queue: OWN.queueName })],
    { status: "filtered" },
  ],
  [
    "an event that the archive's filter policy drops",
    [hopOf("m", "filtered", { stream: "raw" })],
    { status: "waiting" },
  ],
  [
    "an event that another consumer rejects",
    [hopOf("m", "queued"), hopOf("m", "stored"), hopOf("m", "dead-lettered", { queue: "alerts-dlq" })],
    { status: "stored" },
  ],
])("shows the status of %s", (_, hops, expected) => {
  expect(rowOf(logOf(...hops), "m")).toMatchObject(expected);
});

test("names the part of each hop, and counts the hops of each other subscriber separately", () => {
  const log = logOf(
    hopOf("m", "published", { topic: "events" }),
    hopOf("m", "queued"),
    hopOf("m", "queued", { queue: "local-alerts-queue" }),
    hopOf("m", "filtered", { queue: "local-audit-queue" }),
    hopOf("m", "failed", { function: "local-alerts-processor" }),
    hopOf("m", "dead-lettered", { queue: "local-alerts-dlq" }),
    hopOf("m", "processed"),
    hopOf("m", "stored"),
    hopOf("m", "archived", { object: "s3://raw/1" }),
  );
  const [alerts, audit] = ["local-alerts", "local-audit"];
  const parts = ["topic", "processor", alerts, audit, alerts, alerts, "processor", "processor", "archive"];
  expect(log.detail("m")?.hops.map(({ part }) => part)).toEqual(parts);
  expect(log.counts).toMatchObject({ queued: 1, filtered: 0, failed: 0, "dead-lettered": 0, processed: 1 });
  expect(log.subscribers).toMatchObject({
    [String(alerts)]: { queued: 1, failed: 1, "dead-lettered": 1 },
    [String(audit)]: { filtered: 1 },
  });
});

test("keeps the newest events and counts the discarded ones", () => {
  const log = new EventLog(OWN);
  for (let index = 0; index < MAX_EVENTS + 50; index += 1) log.hop(hopOf(`m${index}`, "published"));
  const rows = new Map<string, EventRow>();
  readAll(log, rows, 0);
  expect(rows.size).toBe(MAX_EVENTS);
  expect(rows.has("m49")).toBe(false);
  expect(rows.has("m50")).toBe(true);
  expect(log.seq).toBe(MAX_EVENTS + 50);
  expect(log.counts.published).toBe(MAX_EVENTS + 50);
});

test("counts the later hops of a discarded event, and keeps the newer events", () => {
  const log = new EventLog(OWN);
  const publish = (index: number) =>
    log.published({ messageId: `m${index}`, body: "{}", type: "unknown", attributes: {} }, index);
  for (let index = 0; index < MAX_EVENTS + 50; index += 1) publish(index);
  for (let index = 0; index < 100; index += 1) {
    log.hop({ ...hopOf(`m${index}`, "stored"), at: 20_000, sincePublishedMs: 20_000 - index });
  }
  expect(log.counts.stored).toBe(100);
  expect(log.seq).toBe(MAX_EVENTS + 50);
  expect(log.detail("m49")).toBeUndefined();
  expect(["m50", "m99"].map((id) => rowOf(log, id).status)).toEqual(["stored", "stored"]);
});

test("keeps the newest texts within the limit, and the beginning of each text in its row", () => {
  const log = new EventLog(OWN);
  const body = JSON.stringify({ type: "large", padding: "x".repeat(255 * 1_024), tail: "the very end" });
  for (let index = 0; index < 300; index += 1)
    log.published({ messageId: `m${index}`, body, type: "large", attributes: {} }, 0);
  const kept = Array.from({ length: 300 }, (_, index) => log.detail(`m${index}`)?.body !== undefined);
  expect(kept.filter(Boolean).length * body.length).toBeLessThanOrEqual(32 * 1_024 * 1_024);
  expect(kept.at(-1)).toBe(true);
  expect(kept[0]).toBe(false);
  expect(rowOf(log, "m0")).toMatchObject({ type: "large", bytes: Buffer.byteLength(body), isCut: true });
  expect(log.search("THE VERY END")).toHaveLength(kept.filter(Boolean).length);
});

test("finds message attributes, the subject and the mapping's entry", () => {
  const log = new EventLog(OWN);
  const messages = {
    m1: { body: "{}", attributes: { agent: "Seven" } },
    m2: { body: '{"agent":"seven"}', attributes: {} },
    m3: { body: "{}", attributes: {}, subject: "Agent SEVEN" },
    m4: { body: "{}", attributes: {}, mappedBy: "cloudevents" },
  };
  for (const [messageId, message] of Object.entries(messages)) log.published({ messageId, type: "", ...message }, 0);
  expect(log.search("agent=SEVEN")).toEqual(["m1"]);
  expect(log.search("agent seven")).toEqual(["m3"]);
  expect(log.search("CloudEvents")).toEqual(["m4"]);
  expect(Object.keys(messages).map((id) => rowOf(log, id).isCut)).toEqual([true, false, true, true]);
});

test("shows the type that the table has, also if the mapping has changed since the event was published", () => {
  const log = new EventLog(OWN);
  log.published({ messageId: "m", body: '{"kind":"scan"}', type: "unknown", attributes: {} }, 0);
  log.hop(hopOf("m", "dead-lettered"));
  expect(rowOf(log, "m").type).toBe("unknown");
  log.hop(hopOf("m", "stored", { event_type: "scan" }));
  expect(rowOf(log, "m").type).toBe("scan");
});

test("keeps the first and the latest hops of an event that is retried for hours", () => {
  const log = logOf(hopOf("m", "published"), hopOf("m", "queued"));
  for (let attempt = 1; attempt <= 1_000; attempt += 1) log.hop(hopOf("m", "failed", { attempt }));
  const { hops, discardedHops, row } = log.detail("m") ?? { hops: [], discardedHops: 0, row: undefined };
  expect(hops.length + discardedHops).toBe(1_002);
  expect(hops.length).toBeLessThan(300);
  expect(hops.slice(0, 2).map(({ kind }) => kind)).toEqual(["published", "queued"]);
  expect(hops.at(-1)?.detail.attempt).toBe(1_000);
  expect(row?.failures).toBe(1_000);
});
