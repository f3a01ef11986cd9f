import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import type { EventItem } from "@event-pipeline/event-model/item/item";
import { parseJson } from "@event-pipeline/event-model/json";
import { itemOf, sizedItemOf } from "@event-pipeline/testing/items";
import { parsedOf, textOf, type Written, writtenObject } from "@event-pipeline/testing/json-texts";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { canonical, canonicalOfWire, mapCanHold, survivesUtf8 } from "@event-pipeline/testing/stored-json";
import fc from "fast-check";
import { Deadline } from "../../../lambda-src/event-processor/deadline";
import { EventStore } from "../../../lambda-src/event-processor/event-store";
import { DynaliteTable } from "../../helpers/dynalite-table";

let dynalite: DynaliteTable;
let table: EventStore;

beforeAll(async () => {
  dynalite = await DynaliteTable.start();
  table = new EventStore(dynalite.tableName, dynalite.documentClient());
});
afterAll(() => dynalite.stop());

/** Names that the generated events do not use, because they form the key and could make an event invalid. */
const NOT_UNDER_TEST = new Set(["type", "id", "source", "time", "timestamp"]);
const event = writtenObject.filter(
  (value) => value.kind === "object" && value.members.every(([key]) => !NOT_UNDER_TEST.has(key.value)),
);

async function expectStored(item: EventItem, value: Written, text: string): Promise<void> {
  const stored = await dynalite.get(item.event_type, item.timestamp_id);
  const { data = {}, data_encoding: encoding } = stored ?? {};
  if (mapCanHold(value)) {
    expect(encoding).toBeUndefined();
    expect(canonicalOfWire(data)).toEqual(canonical(parsedOf(value)));
  } else {
    expect(encoding).toEqual({ S: "json" });
    const kept = String(data.S);
    expect(survivesUtf8(kept)).toBe(true);
    if (survivesUtf8(text)) expect(kept).toBe(text);
    expect(parseJson(kept)).toMatchObject(parseJson(text));
  }
}

it("stored events equal the published ones, in batches", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 30 }), async (values) => {
      const texts = values.map((value) => textOf(value));
      const items = texts.map((text) => sizedItemOf(parseEnvelope(envelopeOf(text))));
      const { errorByItem } = await table.store(items, Deadline.in(10_000));
      expect(errorByItem.size).toBe(0);
      for (const [index, { item }] of items.entries()) {
        await expectStored(item, values[index] as Written, texts[index] as string);
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 8_000 },
  );
});

it("the same envelope always becomes the same item", () => {
  fc.assert(
    fc.property(event, fc.nat(1_000), (value, days) => {
      const body = envelopeOf(textOf(value));
      expect(itemOf(parseEnvelope(body), days)).toEqual(itemOf(parseEnvelope(body), days));
    }),
    { numRuns: 1_000 },
  );
});

it("stores one item for a message that is delivered twice", async () => {
  const body = envelopeOf('{"type": "again", "n": 12345678901234567890.5}');
  for (let delivery = 0; delivery < 3; delivery++) {
    await table.store([sizedItemOf(parseEnvelope(body))], Deadline.in(5_000));
  }
  expect((await dynalite.all()).filter(({ event_type }) => event_type?.S === "again")).toHaveLength(1);
});
