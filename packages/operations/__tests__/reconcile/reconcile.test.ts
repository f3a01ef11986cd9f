import { eventContractsOf, setFromJson } from "@event-pipeline/contracts/contract-set";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { FakeBucket } from "@event-pipeline/testing/fake-bucket";
import { FakeTable } from "@event-pipeline/testing/fake-table";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { NO_CONTRACTS } from "../../deployed-contracts";
import { CredentialsError, OperationError, PermissionError } from "../../errors";
import { expectedOutcome } from "../../expected-outcome";
import { type ReconcileSources, reconcile } from "../../reconcile/reconcile";
import type { PublicationRange } from "../../reconcile/stored-event-in-log";

const there = <T>(value: T) => ({ state: "there", value }) as const;
type SideSources = Omit<ReconcileSources, "archive" | "table">;
/** Sources that explain nothing. */
const NOTHING: SideSources = {
  filter: { state: "not there" },
  eventTtlDays: there(90),
  contracts: there(NO_CONTRACTS),
  deadLetterCodes: async () => there({ codes: new Map(), isComplete: true, notes: [] }),
  waitingMessages: async () => there(0),
  storedEvent: async () => ({ state: "not there" }),
};
const NOW = { Timestamp: new Date().toISOString() };
const event = (type: string, more: object = {}) => envelopeOf(JSON.stringify({ type, ...more }), NOW);
const idOf = (body: string): string => JSON.parse(body).MessageId;

async function reconciled(
  bodies: readonly string[],
  table: FakeTable,
  side: Partial<SideSources> = {},
  compareData = false,
) {
  const bucket = new FakeBucket();
  bucket.objects.set(`${archiveHourPrefix(new Date())}x`, Buffer.from(bodies.join("\n")));
  const result = await reconcile(
    { archive: bucket.archive, table: table.table, ...NOTHING, ...side },
    { timeRange: {}, compareData, onUnreadable: () => undefined },
  );
  return { total: result.tallies.total, ...result };
}

test("counts each event once, by its outcome", async () => {
  const table = new FakeTable();
  table.leftOut = 3;
  const stored = [event("a"), event("a"), event("b")];
  const twice = [
    event("fold", { id: 1, time: "2026-11-24T10:00:00Z" }),
    event("fold", { id: 1, time: "2026-11-24T10:00:00Z" }),
  ];
  for (const body of [...stored, ...twice]) table.store(body);
  const dead = event("dead");
  const refused = envelopeOf("no JSON", NOW);
  const expired = envelopeOf('{"type":"old"}', { Timestamp: "2024-01-02T03:04:05.678Z" });
  const missing = [event("lost"), event("lost")];
  const { total, tallies, findings } = await reconciled(
    [...stored, ...twice, dead, refused, expired, ...missing],
    table,
    {
      deadLetterCodes: async (ids) => {
        const codes = new Map([[idOf(dead), "ITEM_TOO_LARGE"] as const].filter(([id]) => ids.has(id)));
        return there({ codes, isComplete: true, notes: [] });
      },
    },
  );
  expect(total).toEqual({
    archived: 10,
    stored: 4,
    folded: 1,
    formerKey: 0,
    refused: 1,
    filtered: 0,
    expired: 1,
    deadLettered: 1,
    waiting: 0,
    missing: 2,
    unexplained: 0,
    different: 0,
  });
  expect(tallies.all.map(([type]) => type)).toEqual(["(no type)", "a", "b", "dead", "fold", "lost", "old"]);
  expect(findings.map(({ what, messageId }) => [what, messageId])).toEqual([
    ["dead-lettered", idOf(dead)],
    ["missing", idOf(missing[0] as string)],
    ["missing", idOf(missing[1] as string)],
  ]);
});

test("finds every event under its key and under SNS's time, where an earlier handler stored it", async () => {
  const [text, ...numbers] = ["2026-01-02T03:04:05Z", 1_767_323_045, 1_767_323_045_678, 1_767_323_045.5];
  const time = fc.constantFrom(text, ...numbers, "now", 17, null);
  const members = fc.record({ time, timestamp: time, id: fc.constantFrom(1, "a#b") }, { requiredKeys: [] });
  const events = fc.array(fc.tuple(members, fc.boolean()), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(events, fc.boolean(), async (published, compareData) => {
      const table = new FakeTable();
      let formerKey = 0;
      const bodies = published.map(([own, isEarlier], index) => {
        const body = event(`t-${index}`, own);
        const times: unknown[] = [own.time, own.timestamp];
        const hadSnsTime = numbers.some((number) => times.includes(number)) && !times.includes(text);
        if (isEarlier && hadSnsTime) {
          table.storeUnderSnsTime(body);
          formerKey += 1;
        } else table.store(body);
        return body;
      });
      const { total, findings } = await reconciled(bodies, table, {}, compareData);
      const stored = bodies.length - formerKey;
      expect(total).toMatchObject({ archived: bodies.length, stored, formerKey });
      expect(findings).toEqual([]);
    }),
  );
});

describe("after a change of the contracts", () => {
  const contract = {
    "x-event-type": "strict",
    "x-version": "2",
    required: ["severity"],
    properties: { severity: { enum: ["low", "high"] } },
  };
  const mappings = [[], [{ type: ["/kind"], id: ["/key"] }], [{ type: ["/name"], time: ["/at"] }]].map(
    (entries) => new Mapping(entries),
  );
  const contracts = (current: number) => {
    const { entries } = mappings[current] as Mapping;
    const set = setFromJson(JSON.stringify({ strictTypes: false, mapping: entries, contracts: [contract] }));
    const former = mappings.filter((_, index) => index !== current && index > 0);
    return { set, current: eventContractsOf(set), formerMappings: former };
  };

  test("every event that an earlier handler stored is explained, and no event that the handler refuses is missing", async () => {
    const time = fc.constantFrom("2026-01-02T03:04:05Z", 1_767_323_045, "never");
    const type = fc.constantFrom("strict", "a", 7, "");
    const members = fc.record(
      {
        ...{ type, kind: type, name: type, id: fc.constantFrom(1, "x#y"), key: fc.constantFrom("k", 2) },
        ...{ time, at: time, severity: fc.constantFrom("low", "severe") },
      },
      { requiredKeys: [] },
    );
    const published = fc.array(fc.tuple(members, fc.constantFrom(0, 1, 2, undefined)), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(published, fc.nat(2), fc.boolean(), async (events, current, compareData) => {
        const table = new FakeTable();
        const deployed = contracts(current);
        const counts = { stored: 0, absent: 0, refused: 0 };
        const bodies = events.map(([event, handler], index) => {
          const body = envelopeOf(JSON.stringify({ ...event, index }), NOW);
          try {
            if (handler === undefined) throw new RefusedMessageError("NOT_JSON", "never delivered");
            table.store(body, 90, mappings[handler]);
            counts.stored += 1;
          } catch (error) {
            if (!(error instanceof RefusedMessageError)) throw error;
            const envelope = parseEnvelope(body);
            const { refusal } = expectedOutcome(envelope, 0, deployed);
            counts[refusal ? "refused" : "absent"] += 1;
          }
          return body;
        });
        const { total } = await reconciled(bodies, table, { contracts: there(deployed) }, compareData);
        const { stored, folded, formerKey, refused, missing, different } = total;
        expect({ stored: stored + folded + formerKey, refused, absent: missing, different }).toEqual({
          ...counts,
          different: 0,
        });
        // Without the contracts, no event is called missing, and only texts that no contract can change are refused.
        const unsure = await reconciled(bodies, table, { contracts: unknown }, compareData);
        expect([unsure.total.missing, unsure.total.refused]).toEqual([0, 0]);
        const areExplained = unsure.total.unexplained === 0;
        expect(unsure.notKnown.length > 0 || areExplained).toBe(true);
      }),
    );
  });
});

test("reports different data under the event's key first, then under its former key", async () => {
  const table = new FakeTable();
  const body = event("a", { time: 1_767_323_045 });
  const former = table.storeUnderSnsTime(body);
  const damaged = { data: { M: {} } };
  const isDifferent = async (isFormerKey: boolean, timestamp_id: string | undefined) => {
    const { total, findings } = await reconciled([body], table, {}, true);
    expect(total).toMatchObject({ archived: 1, different: 1, stored: 0, formerKey: 0 });
    expect(findings).toMatchObject([{ what: "different", isFormerKey, key: { timestamp_id } }]);
  };
  Object.assign(former, damaged);
  await isDifferent(true, former.timestamp_id?.S);
  const current = table.store(body);
  await isDifferent(true, former.timestamp_id?.S);
  const { data } = current;
  Object.assign(current, damaged);
  await isDifferent(false, current.timestamp_id?.S);
  Object.assign(former, { data });
  await isDifferent(false, current.timestamp_id?.S);
  Object.assign(current, { data });
  expect((await reconciled([body], table, {}, true)).total).toMatchObject({ stored: 1, different: 0 });
});

test("counts the latest missing events as waiting, up to the number of messages in the queue", async () => {
  const bodies = [1, 2, 3].map((minute) =>
    envelopeOf('{"type":"w"}', { Timestamp: new Date(Date.now() - minute * 60_000).toISOString() }),
  );
  const { total, findings } = await reconciled(bodies, new FakeTable(), { waitingMessages: async () => there(2) });
  expect(total).toMatchObject({ waiting: 2, missing: 1 });
  expect(findings.find(({ what }) => what === "missing")?.messageId).toBe(idOf(bodies[2] as string));
});

test.each([
  ["stored", (table: FakeTable, body: string) => table.store(body)],
  ["formerKey", (table: FakeTable, body: string) => table.storeUnderSnsTime(body)],
])("does not count an event as missing if it is stored during the reconcile: %s", async (outcome, store) => {
  const table = new FakeTable();
  const body = event("late", { time: 1_767_323_045 });
  const waitingMessages = async () => {
    store(table, body);
    return there(0);
  };
  const { total, findings } = await reconciled([body], table, { waitingMessages });
  expect(total).toMatchObject({ archived: 1, [outcome]: 1, missing: 0, unexplained: 0 });
  expect(findings).toEqual([]);
});

test("compares data in every stored form, and finds every change", async () => {
  const large = JSON.stringify({ type: "d", text: "x".repeat(500_000) });
  const texts = [
    '{"type":"d","n":[1.50,-0,1e2,null,true],"m":{"constructor":{"ü":"😀"}},"big":12345678901234567890}',
    '{"type":"d","n":1e400,"__proto__":1}',
    '{"type":"d","type":"d","s":"\\ud800"}',
    large,
  ];
  const bodies = texts.map((text) => envelopeOf(text, NOW));
  const table = new FakeTable();
  const items = bodies.map((body) => table.store(body));
  expect((await reconciled(bodies, table, {}, true)).total).toMatchObject({ stored: 4, different: 0 });

  const [map, text, escaped, compressed] = items as [object, object, object, object];
  const changes: [object, object][] = [
    [map, { data: { M: { ...Object(map).data.M, extra: { NULL: true } } } }],
    [map, { data: { M: { ...Object(map).data.M, big: { N: "12345678901234567891" } } } }],
    [map, { data: { S: "{}" } }],
    [text, { data: { S: '{"type":"d","n":1e401,"__proto__":1}' } }],
    [escaped, { data: { M: {} } }],
    [compressed, { data: { B: Buffer.from("no gzip") } }],
    [compressed, { data: undefined }],
  ];
  for (const [item, change] of changes) {
    const before = { ...item };
    Object.assign(item, change);
    expect((await reconciled(bodies, table, {}, true)).total).toMatchObject({ stored: 3, different: 1 });
    Object.assign(item, before);
  }
});

test("limits the number of tallies when every event has a different type", async () => {
  const bodies = Array.from({ length: 3_000 }, (_, index) => event(`type-${index}`));
  const { tallies, total } = await reconciled(bodies, new FakeTable());
  expect(tallies.all.length).toBeLessThanOrEqual(1_001);
  expect(total).toMatchObject({ archived: 3_000, missing: 3_000 });
});

const unknown = { state: "not known", error: new OperationError("No answer.") } as const;
const UNKNOWN: Readonly<Record<string, Partial<SideSources>>> = {
  filter: { filter: unknown },
  waiting: { waitingMessages: async () => unknown },
  letters: { deadLetterCodes: async () => unknown },
  "some letters": { deadLetterCodes: async () => there({ codes: new Map(), isComplete: false, notes: ["Some."] }) },
};

test.each(Object.entries(UNKNOWN))("calls no event missing if the source %s is not known", async (_, side) => {
  const table = new FakeTable();
  const [stored, absent] = [event("a"), event("b")] as const;
  table.store(stored);
  const { total, findings, notKnown } = await reconciled([stored, absent], table, side);
  expect(total).toMatchObject({ archived: 2, stored: 1, missing: 0, unexplained: 1 });
  expect(findings.map(({ what }) => what)).toEqual(["unexplained"]);
  expect(notKnown).toHaveLength(1);
  // The sources do not matter if the table has every event.
  table.store(absent);
  expect(await reconciled([stored, absent], table, side)).toMatchObject({ total: { stored: 2 }, notKnown: [] });
});

test("with an unknown expiry, only young events are missing", async () => {
  const old = envelopeOf('{"type":"old"}', { Timestamp: "2024-01-02T03:04:05.678Z" });
  const { total, notKnown } = await reconciled([event("young"), old], new FakeTable(), { eventTtlDays: unknown });
  expect([total, notKnown]).toMatchObject([{ missing: 1, unexplained: 1, expired: 0 }, { length: 1 }]);
});

test("ends with an error, and with what was counted before it", async () => {
  const table = new FakeTable();
  const bodies = Array.from({ length: 1_500 }, () => event("a"));
  for (const body of bodies) table.store(body);
  table.fault = () =>
    table.requests > 3
      ? Object.assign(new Error("no reason"), { name: "AccessDeniedException", $metadata: { httpStatusCode: 400 } })
      : undefined;
  const { total, stoppedBy } = await reconciled(bodies, table);
  expect(stoppedBy).toBeInstanceOf(PermissionError);
  expect(total.stored).toBe(300);
  expect(total.archived).toBe(300);

  const expired = { state: "not known", error: new CredentialsError("Expired.") } as const;
  table.fault = () => undefined;
  const waitingMessages = async () => expired;
  expect(await reconciled([event("b")], table, { waitingMessages })).toMatchObject({
    stoppedBy: expired.error,
    total: { missing: 0, unexplained: 1 },
  });
});

test("compares the end of the archive with the events that the handler stored", async () => {
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const asked: PublicationRange[] = [];
  const stored = ago(40);
  const storedEvent = async (range: PublicationRange) => {
    asked.push(range);
    return range.since <= stored && stored < range.until ? there(stored) : ({ state: "not there" } as const);
  };
  const table = new FakeTable();
  const archived = (minutes: number) => {
    const body = envelopeOf('{"type":"a"}', { Timestamp: ago(minutes).toISOString() });
    table.store(body);
    return [body];
  };
  expect((await reconciled([], table, { storedEvent })).notArchived).toEqual(stored);
  expect((await reconciled(archived(50), table, { storedEvent })).notArchived).toEqual(stored);
  expect((await reconciled(archived(30), table, { storedEvent })).notArchived).toBeUndefined();
  expect(asked).toHaveLength(3);
  // Firehose may still buffer later events.
  expect((await reconciled(archived(10), table, { storedEvent })).notArchived).toBeUndefined();
  expect(asked).toHaveLength(3);
  const denied = await reconciled([], table, { storedEvent: async () => unknown });
  expect(denied.notKnown).toHaveLength(1);
});
