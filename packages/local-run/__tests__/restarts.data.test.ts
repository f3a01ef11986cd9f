// Runs under Node.js 22.13 or newer (npm run test:data): node:sqlite stores the queues in the folder.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { Publisher } from "@event-pipeline/testing/publisher";
import { archivedAll, drained, storedIds } from "@event-pipeline/testing/stored-events";

/** Number of acknowledged events between two restarts under load. */
const PROGRESS = 200;

const publishers: Publisher[] = [];
afterEach(() => Promise.all(publishers.splice(0).map((publisher) => publisher.stop())));

async function progress(from: readonly Publisher[], timeoutMs = 30_000): Promise<void> {
  const count = () => from.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  const goal = count() + PROGRESS;
  for (const deadline = Date.now() + timeoutMs; count() < goal; await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`Only ${count()} of ${goal} events were acknowledged.`);
  }
}

test("loses no acknowledged event in 16 restarts under load", async () => {
  const folder = mkdtempSync(join(tmpdir(), "restarts-"));
  let run = await LocalRun.start("--data-dir", folder);
  const { port } = new URL(run.ready.endpoint);
  const args = ["--data-dir", folder, "--archive-interval", "0", "--no-demo", "--port", port];
  for (const name of ["a", "b", "c", "d"]) {
    publishers.push(new Publisher(name, run.ready.endpoint, run.output("topic_arn")));
  }

  for (let restart = 0; restart < 16; restart++) {
    // Restarts at a random moment: half of the time under load, half during the start.
    if (restart % 4 < 2) await progress(publishers);
    await sleep(Math.random() * 1_000);
    const signal = restart % 2 === 0 ? "SIGTERM" : "SIGKILL";
    const code = await run.stop(signal);
    // Until the code is loaded, Node.js's default ends the process on SIGTERM.
    if (signal === "SIGTERM" && run.lines.length > 0) expect(code).toBe(0);
    run = LocalRun.spawn(...args);
  }
  await progress(publishers);
  await Promise.all(publishers.map((publisher) => publisher.stop()));
  await drained(run, run.output("queue_url"));
  const acknowledged = publishers.flatMap((publisher) => publisher.acknowledged);
  const archived = await archivedAll(run, acknowledged);
  const stored = await storedIds(run);
  expect(acknowledged.length).toBeGreaterThanOrEqual(9 * PROGRESS);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(acknowledged.filter((id) => !archived.has(id))).toEqual([]);
  expect(await run.stop()).toBe(0);
}, 180_000);
