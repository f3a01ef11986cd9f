import type { EventRow, StreamUpdate } from "../../api";

/** Returns the row of a waiting event, with the changes. */
export function rowWith(change: Partial<EventRow> & Pick<EventRow, "seq">): EventRow {
  const { seq } = change;
  return {
    messageId: `message-${seq}`,
    eventId: `message-${seq}`,
    type: "finding.new",
    at: 1_700_000_000_000 + seq,
    text: "{}",
    isCut: false,
    status: "waiting",
    stages: { queue: "done", function: "pending", table: "pending", archive: "pending" },
    failures: 0,
    deadLetters: 0,
    ...change,
  };
}

export function updateOf(rows: readonly EventRow[], change: Partial<StreamUpdate> = {}): StreamUpdate {
  const counts = {
    published: 0,
    filtered: 0,
    queued: 0,
    processed: 0,
    stored: 0,
    failed: 0,
    "dead-lettered": 0,
    purged: 0,
    archived: 0,
  };
  const newestSeq = Math.max(0, ...rows.map(({ seq }) => seq));
  return { rows, counts, subscribers: {}, depths: {}, more: false, newestSeq, ...change };
}
