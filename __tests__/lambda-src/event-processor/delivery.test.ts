// Standard queues may deliver a message twice, in any order, and to two consumers at once.

import { envelopeOf, recordOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { HandlerWithTable } from "../../helpers/handler-with-table";

const underTest = new HandlerWithTable();

let run = 0;
/** Returns records of `count` events that have a type of their own. */
function batchOf(count: number) {
  const type = `run-${run++}`;
  const bodies = Array.from({ length: count }, (_, index) =>
    envelopeOf(JSON.stringify({ type, n: index }), { messageId: `${type}-${index}` }),
  );
  return { type, records: bodies.map((body, index) => recordOf(body, { messageId: `sqs-${index}` })) };
}

async function itemsOf(type: string) {
  const items = (await underTest.items()).filter(({ event_type }) => event_type?.S === type);
  return items.sort((a, b) => String(a.message_id?.S).localeCompare(String(b.message_id?.S)));
}

it("a batch that two handlers receive at once is stored once", async () => {
  const { type, records } = batchOf(40);
  const responses = await Promise.all([underTest.process(records), underTest.process(records)]);
  expect(responses).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
  expect(await itemsOf(type)).toHaveLength(40);
});

it("the table is the same for any order and any number of deliveries", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(9), { maxLength: 12 }),
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 }),
      async (again, order) => {
        const { type, records } = batchOf(10);
        await underTest.process(records);
        const once = await itemsOf(type);
        const redelivered = [...order, ...again]
          .map((index) => records[index])
          .filter((record) => record !== undefined);
        expect(await underTest.process(redelivered)).toEqual({ batchItemFailures: [] });
        expect(await itemsOf(type)).toEqual(once);
      },
    ),
    { numRuns: 25 },
  );
});
