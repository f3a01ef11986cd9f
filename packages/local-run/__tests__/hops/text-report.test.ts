import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { columnsOf } from "../../hops/fold";
import { type Terminal, TextReport } from "../../hops/text-report";

const MESSAGE_ID = "22079e4d-fc47-4093-981b-6a0fed7df167";
const HOP: Hop = {
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  kind: "stored",
  eventId: MESSAGE_ID,
  messageId: MESSAGE_ID,
  sincePublishedMs: 12,
  detail: { event_type: "scan" },
};

const INFO = JSON.stringify({ level: "INFO", message: "batch processed", service: "fn", records: 1 });
const WARN = JSON.stringify({ level: "WARN", message: "record handed back", sampling_rate: 0, reason: "no table" });

function reportTo(columns?: number, verbose = false) {
  const written: string[] = [];
  const terminal: Terminal = {
    write: (text) => written.push(text),
    columns: () => columns,
    paint: (style, text) => `<${style}>${text}</>`,
  };
  const lines = () =>
    written
      .join("")
      .replace(/<\w+>|<\/>/g, "")
      .trimEnd()
      .split("\n");
  return { report: new TextReport(terminal, verbose), lines, text: () => written.join("") };
}

const foreign = fc.array(
  fc.oneof(unicodeText(), fc.constantFrom("\n", "\r", "\u001b[1A", "\u2028", "\u202e", "漢🙂", " ", '"')),
  { size: "medium" },
);
const anyText = foreign.map((all) => all.join(""));
const kind = fc.constantFrom<HopKind>(
  "published",
  "filtered",
  "queued",
  "stored",
  "failed",
  "dead-lettered",
  "archived",
);
const hop = fc.record({
  kind,
  eventId: anyText,
  messageId: fc.oneof(fc.constant(MESSAGE_ID), anyText),
  detail: fc.dictionary(anyText, anyText).map((detail) => ({ ...detail, reason: "why" })),
});

test("writes any hop as one line to a pipe", () => {
  fc.assert(
    fc.property(hop, (parts) => {
      const { report, lines } = reportTo();
      report.hop({ ...HOP, ...parts });
      expect(lines()).toHaveLength(1);
      expect(lines()[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(lines()[0]).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} {2}${parts.kind} `));
    }),
  );
});

test("writes any log line, note and problem as one line to a pipe", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { report, lines } = reportTo();
      report.log("fn", text);
      report.note(`note: ${text}`);
      report.verdict([text]);
      // A blank line and a heading before the problem.
      expect(lines().length).toBeLessThanOrEqual(5);
      expect(lines().join("")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

test("folds lines on a terminal, with the MessageId on the first", () => {
  fc.assert(
    fc.property(hop, anyText, fc.integer({ min: 70, max: 200 }), (parts, text, columns) => {
      const { report, lines } = reportTo(columns, true);
      report.hop({ ...HOP, ...parts, messageId: MESSAGE_ID });
      expect(lines()[0]).toContain(MESSAGE_ID);
      report.log("fn", text);
      report.note(text);
      expect(lines().filter((line) => columnsOf(line) > columns)).toEqual([]);
    }),
  );
});

test("shows the event's own ID if it differs from the MessageId", () => {
  const { report, lines } = reportTo();
  report.hop({ ...HOP, eventId: "scan-1" });
  report.hop(HOP);
  expect(lines().map((line) => line.slice(12))).toEqual([
    `  stored         ${MESSAGE_ID}     +12 ms  id=scan-1 event_type=scan`,
    `  stored         ${MESSAGE_ID}     +12 ms  event_type=scan`,
  ]);
});

test("quotes a value with spaces", () => {
  const { report, lines } = reportTo();
  report.hop({ ...HOP, eventId: 'a "b" queue=c', detail: {} });
  expect(lines()[0]).toMatch(/ {2}id="a \\"b\\" queue=c"$/);
});

test("truncates a long value on a terminal, and not in a pipe", () => {
  const detail = { event_type: "x".repeat(1_000_000) };
  const [terminal, pipe] = [reportTo(80), reportTo()];
  for (const { report } of [terminal, pipe]) report.hop({ ...HOP, detail });
  expect(terminal.lines().length).toBeLessThan(20);
  expect(pipe.lines()[0]).toContain(detail.event_type);
});

test("colors only the kind, and that of log lines by level", () => {
  const { report, text } = reportTo(80);
  report.hop({ ...HOP, eventId: "stored" });
  expect(text()).toMatch(/^[\d:.]+ {2}<green>stored<\/> {9}22079e4d[^<]+$/);
  const { report: other, text: logged } = reportTo();
  for (const line of [WARN, '{"level":"ERROR"}', "plain"]) other.log("fn", line);
  expect(logged().match(/<\w+>log/g)).toEqual(["<yellow>log", "<red>log", "<dim>log"]);
});

test("shows warnings, errors and plain text of handlers, and with --verbose all lines except metrics", () => {
  const written = [INFO, WARN, '{"level":"error","message":"bad"}', "TypeError: x", "{cut", '{"_aws":{}}', '{"a":1}'];
  const shown = (verbose: boolean) => {
    const { report, lines } = reportTo(undefined, verbose);
    for (const line of written) report.log("fn", line);
    return lines().map((line) => line.slice(14));
  };
  const loud = [
    'log            fn:  WARN record handed back reason="no table"',
    "log            fn:  error bad",
    "log            fn:  TypeError: x",
    "log            fn:  {cut",
  ];
  expect(shown(false)).toEqual(loud);
  expect(shown(true)).toEqual([
    "log            fn:  INFO batch processed records=1",
    ...loud,
    "log            fn:  a=1",
  ]);
});

test("shows a line with a nested object unchanged", () => {
  const { report, lines } = reportTo();
  const line = JSON.stringify({ level: "ERROR", message: "bad", error: { name: "TypeError" } });
  report.log("fn", line);
  expect(lines()[0]).toContain(line);
  report.log("fn", `{"level":"ERROR","deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
  expect(lines()).toHaveLength(2);
});
