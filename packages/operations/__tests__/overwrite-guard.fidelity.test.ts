import { gzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { toAttribute } from "@event-pipeline/event-model/item/attribute-value";
import { parseJson } from "@event-pipeline/event-model/json";
import { FakeTable } from "@event-pipeline/testing/fake-table";
import { textOf, written } from "@event-pipeline/testing/json-texts";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { NO_CONTRACTS } from "../deployed-contracts";
import { expectedOutcome } from "../expected-outcome";
import { OverwriteGuard } from "../table/overwrite-guard";

const Timestamp = new Date().toISOString();

/** Arbitrary events, and events with many values, which earlier handlers stored as a map. */
const member = fc.oneof(
  written.map((value) => textOf(value)),
  fc.nat(400).map((count) => `[${Array(count).fill(7).join()}]`),
);
const message = fc
  .tuple(
    fc.constantFrom("", "\uFEFF", " \n"),
    fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), member), { maxLength: 4 }),
  )
  .map(([before, members]) => `${before}{${members.map(([name, text]) => `"${name}": ${text}`).join()}}`);

/** The forms in which the table may return stored data. */
const FORMS: Readonly<Record<string, (data: AttributeValue, text: string) => AttributeValue>> = {
  "as it was sent": (data) => data,
  "with DynamoDB's spelling of numbers": (data) => spelled(data),
  "as text": (data, text) => (text.isWellFormed() ? { S: text } : data),
  compressed: (data, text) => (text.isWellFormed() ? { B: gzipSync(text, { level: 1 }) } : data),
  "as a map with any number of values": (data, text) => asMap(text) ?? data,
};

function spelled({ ...value }: AttributeValue): AttributeValue {
  if (value.N !== undefined) return { N: digitsOf(value.N) };
  if (value.L) return { L: value.L.map(spelled) };
  if (value.M) return { M: Object.fromEntries(Object.entries(value.M).map(([name, each]) => [name, spelled(each)])) };
  return value;
}

/** Writes a number without an exponent. */
function digitsOf(source: string): string {
  const [, sign, digits = "", power = "0"] = /^(-?)(\d+)(?:E(-?\d+))?$/.exec(source) ?? [];
  const exponent = Number(power);
  if (exponent >= 0) return `${sign}${digits}${"0".repeat(exponent)}`;
  const padded = digits.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

function asMap(text: string): AttributeValue | undefined {
  const { value, hasDuplicateKeys } = parseJson(text);
  const map = value === undefined || hasDuplicateKeys ? undefined : toAttribute(value);
  return map?.value;
}

test.each(Object.keys(FORMS))("recognizes the stored text, read %s", async (form) => {
  await fc.assert(
    fc.asyncProperty(message, async (text) => {
      const table = new FakeTable();
      const body = envelopeOf(text, { MessageId: "m-1", Timestamp });
      const { data, ...others } = table.store(body);
      const [[key = ""] = []] = table.items;
      const read = FORMS[form]?.(data as AttributeValue, text.replace(/^\uFEFF/, "")) as AttributeValue;
      table.items.set(key, { ...others, data: read });
      const overwriting = (envelope: string) =>
        new OverwriteGuard(table.table).overwriting(
          new Map([["event", expectedOutcome(parseEnvelope(envelope), 0, NO_CONTRACTS)]]),
        );
      expect((await overwriting(body)).size).toBe(0);
      // Adds a member, so that the data differs in every form.
      const other = envelopeOf(text.replace("{", text.endsWith("{}") ? '{"more":1' : '{"more":1,'), {
        MessageId: "m-1",
        Timestamp,
      });
      expect((await overwriting(other)).size).toBe(1);
    }),
    { numRuns: 100 },
  );
});
