// Each row of the table in docs/events.md is an event in fixtures/, read with all presets.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { parseEnvelope } from "../../envelope";
import { parseEvent } from "../../event";
import { toEventItem } from "../../item/item";
import { eventIdOf, timeOfSortKey } from "../../item/key";
import { Mapping } from "../../mapping/mapping";
import { PRESETS, type PresetName } from "../../mapping/presets";

const FIXTURES = join(__dirname, "../fixtures");
const presets = Object.keys(PRESETS) as PresetName[];
const mapping = new Mapping(presets);

interface Shape {
  readonly event: unknown;
  readonly attributes?: Readonly<Record<string, string>>;
}

const docs = readFileSync(join(__dirname, "../../../../docs/events.md"), "utf8");
const [, table = ""] = docs.split("| Shape | Preset | Type | ID | Time | Reason |\n");
const rows = (table.split("\n\n")[0] ?? "")
  .split("\n")
  .slice(1)
  .map((row) => row.split("|").slice(1, 7))
  .map((cells) => cells.map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")));

function itemOf(shape: string) {
  const { event, attributes = {} } = JSON.parse(readFileSync(join(FIXTURES, `${shape}.json`), "utf8")) as Shape;
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, Value]) => [name, { Type: "String", Value }]),
  );
  const envelope = parseEnvelope(envelopeOf(JSON.stringify(event), { MessageId: "m-1", MessageAttributes }));
  return { envelope, item: toEventItem(envelope, parseEvent(envelope, { mapping }), 90).item };
}

test("docs/events.md lists every fixture", () => {
  expect(rows.map(([shape]) => `${shape}.json`).sort()).toEqual(readdirSync(FIXTURES).sort());
});

test.each(presets)("%s has at least five shapes", (preset) => {
  expect(rows.filter(([, name]) => name === preset).length).toBeGreaterThanOrEqual(5);
});

test.each(rows)("stores %s by the preset %j as %s", (shape = "", preset, type, id, time, reason) => {
  const { envelope, item } = itemOf(shape);
  const key = timeOfSortKey(item.timestamp_id);
  expect({
    preset: item.mapped_by ?? "",
    type: item.event_type,
    id: eventIdOf(item) ?? "MessageId",
    time: key === envelope.timestamp.toISOString() ? "of SNS" : key,
  }).toEqual({ preset, type, id, time });
  expect(reason !== "").toBe(preset === "");
});
