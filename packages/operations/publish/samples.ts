/** A message to try a pipeline with. */
export interface Sample {
  readonly name: string;
  /** What it is an example of, in a few words. */
  readonly description: string;
  /** The text to publish. */
  readonly message: string;
}

/** Events of every kind that docs/events.md tells apart, and what becomes a dead letter. */
export const SAMPLES: readonly Sample[] = [
  {
    name: "finding.new",
    description: "an event without an id: its key has SNS's MessageId",
    message: '{"type":"finding.new","severity":"high","title":"Test Finding"}',
  },
  {
    name: "scan.started",
    description: "a CloudEvent, with an id of its own",
    message:
      '{"specversion":"1.0","id":"scan-1","source":"/agents/7","type":"scan.started","data":{"target":"example.com"}}',
  },
  {
    name: "scan.finished",
    description: "an event with an id and a time: published twice it is one item",
    message: '{"id":"scan-1-done","type":"scan.finished","timestamp":"2026-01-02T03:04:05Z","findings":1}',
  },
  {
    name: "untyped",
    description: "an event without a type: it is stored under unknown",
    message: '{"note":"no type"}',
  },
  {
    name: "precise",
    description: "numbers that a double cannot hold",
    message: '{"type":"reading.taken","counter":12345678901234567890,"value":0.10000000000000000000000000001}',
  },
  {
    name: "not-json",
    description: "cut off: refused with NOT_JSON, a dead letter",
    message: '{"type":"finding.new","title":"Cut off he',
  },
  {
    name: "not-an-object",
    description: "a list: refused with NOT_AN_OBJECT, a dead letter",
    message: '["finding.new"]',
  },
];
