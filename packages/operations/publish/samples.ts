/** Events of every kind in docs/events.md, and messages that the handler refuses. */
export const SAMPLES = [
  {
    name: "finding.new",
    description: "an event without an ID; its key contains SNS's MessageId",
    message: '{"type":"finding.new","severity":"high","title":"Test Finding"}',
  },
  {
    name: "scan.started",
    description: "a CloudEvents event with its own ID",
    message:
      '{"specversion":"1.0","id":"scan-1","source":"/agents/7","type":"scan.started","data":{"target":"example.com"}}',
  },
  {
    name: "scan.finished",
    description: "an event with an ID and a time; if you publish it twice, it is stored once",
    message: '{"id":"scan-1-done","type":"scan.finished","timestamp":"2026-01-02T03:04:05Z","findings":1}',
  },
  {
    name: "untyped",
    description: "an event without a type, which is stored with the type `unknown`",
    message: '{"note":"no type"}',
  },
  {
    name: "precise",
    description: "numbers with more digits than a double can hold",
    message: '{"type":"reading.taken","counter":12345678901234567890,"value":0.10000000000000000000000000001}',
  },
  {
    name: "not-json",
    description: "truncated JSON; the handler refuses it with NOT_JSON",
    message: '{"type":"finding.new","title":"Cut off he',
  },
  {
    name: "not-an-object",
    description: "a JSON list; the handler refuses it with NOT_AN_OBJECT",
    message: '["finding.new"]',
  },
];
