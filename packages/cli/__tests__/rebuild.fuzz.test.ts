import { records, runCliProcess } from "@event-pipeline/testing/run-cli";
import { storedItems } from "@event-pipeline/testing/stored-events";
import { OperatedRun } from "./operated-run";
import { wipe } from "./wipe";

/** Returns events of every kind: stored as maps or as text, with many digits, with and without IDs. */
function eventText(index: number): string {
  const type = `type-${index % 7}`;
  if (index % 5 === 0) return `{"type":"${type}","n":${index}.00000000000000000000000000000000000000001}`;
  if (index % 5 === 1)
    return JSON.stringify({ type, id: `id-${index}`, time: "2026-11-24T10:00:00Z", text: "ü😀\u2028" });
  if (index % 5 === 2) return `{"type":"${type}","__proto__":${index},"a":[1e2,null,{"constructor":"x"}]}`;
  return JSON.stringify({ type, id: index, nested: { list: [1, 2.5, -0, "x".repeat(50)], flag: true } });
}

test("a replay restores 10,000 deleted items with the same keys and data", async () => {
  const run = await OperatedRun.start(runCliProcess);
  await run.publish(Array.from({ length: 10_000 }, (_, index) => eventText(index)));
  const before = await storedItems(run.local);
  expect(await run.total("--compare-data")).toMatchObject({
    code: 0,
    archived: 10_000,
    stored: 10_000,
    missing: 0,
    different: 0,
  });

  expect(await wipe(run.local)).toBe(before.size);
  expect(await run.total("--compare-data")).toMatchObject({ code: 1, archived: 10_000, stored: 0, missing: 10_000 });

  const replayed = await run.command("archive", "replay", "--yes", "--json");
  expect([replayed.code, records(replayed)[0]]).toEqual([0, expect.objectContaining({ sent: 10_000, failed: 0 })]);
  await run.drained();
  expect(await storedItems(run.local)).toEqual(before);
  expect(await run.total("--compare-data")).toMatchObject({
    code: 0,
    archived: 10_000,
    stored: 10_000,
    missing: 0,
    different: 0,
  });
  await run.stop();
}, 180_000);
