// Runs under Node.js 22.13 or newer (npm run test:data): node:sqlite is what keeps queues in a folder.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { archivedIds, drained, storedIds } from "../helpers/kept-events";
import { LocalRun } from "../helpers/local-run";
import { Publisher } from "../helpers/publisher";

/** Milliseconds within which a run is gone after SIGTERM. */
const GONE_MS = 5_000;

const publishers: Publisher[] = [];
afterEach(() => Promise.all(publishers.splice(0).map((publisher) => publisher.stop())));

test("16 restarts under four constant publishers lose no acknowledged event", async () => {
  const folder = mkdtempSync(join(tmpdir(), "restarts-"));
  let run = await LocalRun.start("--data-dir", folder);
  const { port } = new URL(run.ready.endpoint);
  const args = ["--data-dir", folder, "--archive-interval", "0", "--no-demo", "--port", port];
  for (const name of ["a", "b", "c", "d"]) {
    publishers.push(new Publisher(name, run.ready.endpoint, run.output("topic_arn")));
  }

  const durations: number[] = [];
  for (let restart = 0; restart < 16; restart++) {
    // At any moment: while it starts, while it is barely ready, under full load.
    await sleep(100 + Math.random() * 1_200);
    const signal = restart % 2 === 0 ? "SIGTERM" : "SIGKILL";
    const start = performance.now();
    const code = await run.stop(signal);
    if (signal === "SIGTERM") durations.push(performance.now() - start);
    // Before it has loaded its code, SIGTERM ends a process as it would any other.
    if (signal === "SIGTERM" && run.lines.length > 0) expect(code).toBe(0);
    run = LocalRun.spawn(...args);
  }
  await run.waitFor(({ kind }) => kind === "ready");
  await sleep(500);
  await Promise.all(publishers.map((publisher) => publisher.stop()));
  await drained(run, run.output("queue_url"));
  await drained(run, run.output("queue_url").replace("local-events-queue", "local-events-raw-firehose-intake"));

  const acknowledged = publishers.flatMap((publisher) => publisher.acknowledged);
  const [stored, archived] = [await storedIds(run), await archivedIds(run)];
  process.stdout.write(`restarts: ${acknowledged.length} acknowledged, slowest end ${Math.max(...durations)} ms\n`);
  expect(acknowledged.length).toBeGreaterThan(1_000);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(acknowledged.filter((id) => !archived.has(id))).toEqual([]);
  expect(Math.max(...durations)).toBeLessThan(GONE_MS);
  expect(await run.stop()).toBe(0);
}, 180_000);
