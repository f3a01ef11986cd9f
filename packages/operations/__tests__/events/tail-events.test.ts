import { LOG_LINES } from "@event-pipeline/event-model/log-lines";
import { type TailNote, tailEvents } from "@event-pipeline/operations/events/tail-events";
import { awsError, type FakeAnswer, fakePipeline } from "@event-pipeline/testing/fake-pipeline";
import { VirtualClock } from "@event-pipeline/testing/virtual-clock";

interface Line {
  readonly eventId?: string;
  readonly logStreamName?: string;
  readonly timestamp: number;
  readonly message: string;
}

const MINUTE_MS = 60_000;

/** A batch's log line with one stored event. */
function line(id: string, timestamp: number, others: Partial<Line> = {}): Line {
  const ends = [{ sns_message_id: id, end: "stored", event_type: "t", timestamp_id: `2026#${id}` }];
  return { logStreamName: "s", timestamp, message: JSON.stringify({ message: LOG_LINES.batch, ends }), ...others };
}

/** Tails a log in virtual time until `count` events were returned, and for five minutes longer, for at most an hour. */
async function tailed(answer: FakeAnswer, { count = 0, since = new Date(), filter = {} } = {}) {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const notes: (TailNote & { readonly atMs: number })[] = [];
  const ids: (string | undefined)[] = [];
  let endAt = 60 * MINUTE_MS;
  const stopWhenDone = () => {
    if (ids.length >= count) endAt = Math.min(endAt, clock.now() + 5 * MINUTE_MS);
    if (clock.now() >= endAt) abort.abort();
  };
  const pipeline = fakePipeline((...args) => {
    stopWhenDone();
    return answer(...args);
  });
  const onNote = (note: TailNote) => void notes.push({ ...note, atMs: clock.now() });
  const hasFilter = Object.keys(filter).length > 0;
  const options = { since, onNote, signal: abort.signal, clock, ...(hasFilter && { filter }) };
  const follow = async () => {
    for await (const { sns_message_id } of tailEvents(pipeline, options)) ids.push(sns_message_id);
  };
  const failure = await clock.run(follow()).catch((error: Error) => error);
  return { ids, notes, failure };
}

/** Answers with the lines from `startTime`, as CloudWatch does, two on a page. */
function logOf(lines: readonly Line[]): FakeAnswer {
  return (_, { startTime, nextToken = 0 }) => {
    const found = lines.filter(({ timestamp }) => timestamp >= Number(startTime));
    const end = Number(nextToken) + 2;
    return { events: found.slice(Number(nextToken), end), ...(end < found.length && { nextToken: String(end) }) };
  };
}

const ERRORS = ["ThrottlingException", "AccessDeniedException", "InternalFailure", "TimeoutError", "ECONNRESET"];

test.each(ERRORS)(
  "continues after minutes of %s, reports it at least every minute, and skips no event",
  async (name) => {
    const now = Date.now();
    const lines = [9, 8, 7, 1].map((minutes) => line(`${minutes}`, now - minutes * MINUTE_MS));
    let fails = 20;
    const { ids, notes, failure } = await tailed(
      (action, input) => {
        // The second page fails, too, so that the tail has returned a part of the events.
        if (fails > 0 && (input.nextToken || fails < 20)) {
          fails -= 1;
          throw awsError(name);
        }
        return logOf(lines)(action, input);
      },
      { count: 4, since: new Date(now - 10 * MINUTE_MS) },
    );
    expect(failure).toBeUndefined();
    expect(ids).toEqual(["9", "8", "7", "1"]);
    const unread = notes.filter(({ kind }) => kind === "unread");
    expect(unread).toHaveLength(20);
    expect(new Set(unread.map((note) => note.kind === "unread" && note.since)).size).toBe(1);
    const gaps = unread.slice(1).map(({ atMs }, index) => atMs - (unread[index]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(MINUTE_MS);
    expect(notes.map(({ kind }) => kind)).toContain("readAgain");
  },
);

test.each(["ExpiredTokenException", "UnrecognizedClientException"])("ends at %s", async (name) => {
  const { failure } = await tailed(() => {
    throw awsError(name);
  });
  expect(failure).toMatchObject({ kind: "credentials" });
});

test("returns each line without an eventId once, also equal lines", async () => {
  const now = Date.now();
  const same = line("same", now);
  const lines = [same, same, line("same", now, { logStreamName: "other" }), line("next", now)];
  expect((await tailed(logOf(lines), { count: 4, since: new Date(now) })).ids).toEqual([
    "same",
    "same",
    "same",
    "next",
  ]);
});

test("returns the events whose items could not be read at first, and counts those that are deleted", async () => {
  const now = Date.now();
  const log = logOf([line("a", now, { eventId: "1" }), line("b", now, { eventId: "2" })]);
  let fails = 3;
  const { ids, notes } = await tailed(
    (action, input) => {
      if (action === "FilterLogEvents") return log(action, input);
      fails -= 1;
      if (fails >= 0) throw awsError("AccessDeniedException");
      const { Keys = [] } = (input.RequestItems as { "fake-events": { Keys: { timestamp_id: { S: string } }[] } })[
        "fake-events"
      ];
      const stored = Keys.filter(({ timestamp_id }) => timestamp_id.S === "2026#a");
      return {
        Responses: {
          "fake-events": stored.map((key) => ({ ...key, event_type: { S: "t" }, data: { M: { x: { S: "1" } } } })),
        },
      };
    },
    { count: 1, filter: { x: "1" }, since: new Date(now) },
  );
  expect(ids).toEqual(["a"]);
  expect(notes.map(({ kind }) => kind)).toEqual(["unread", "unread", "unread", "gone", "readAgain"]);
});
