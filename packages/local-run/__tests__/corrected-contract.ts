import { LocalRun } from "@event-pipeline/testing/local-run";
import { records, runCliOn } from "@event-pipeline/testing/run-cli";
import { storedIds } from "@event-pipeline/testing/stored-events";
import { orderContract, SynthesizedStage } from "@event-pipeline/testing/synthesized-stage";

const order = (id: string, amount: number) => ["order.placed", "--id", id, "--data", JSON.stringify({ amount })];

/** Corrects a contract while a run uses it. Expects that the handler and the commands judge by it at once. */
export async function expectCorrectedContractInUse(...args: readonly string[]): Promise<void> {
  const stage = new SynthesizedStage();
  stage.synth(orderContract(10));
  const start = () => LocalRun.start("--delivery", "ordered", "--stack-folder", stage.folder, ...args);
  let run = await start();
  const cli = (...words: string[]) => runCliOn(run, words);
  const refused = async (id: string, amount: number) => {
    const { stdout } = await cli("publish", ...order(id, amount), "--no-validate");
    await run.waitForHop(stdout.trimEnd(), "dead-lettered");
    return stdout.trimEnd();
  };
  const messageId = await refused("a", 5);
  expect((await cli("dlq", "list")).stderr).toContain("still refuses 1 of 1 message");
  expect((await cli("publish", ...order("b", 5))).code).toBe(2);

  stage.synth(orderContract(0));
  expect((await cli("dlq", "list")).stderr).toContain("CONTRACT_VIOLATED, which the handler accepts now: ");
  expect((await cli("publish", ...order("b", 5))).code).toBe(0);
  const redriven = await cli("dlq", "redrive", "--yes", "--wait", "--json");
  expect(records(redriven)).toMatchObject([{ sent: 1, stored: 1, came_back: {} }]);
  expect(redriven.stderr).not.toContain("still refuses");
  const [shown] = records(await cli("events", "show", messageId, "--json"));
  expect(shown.ways).toMatchObject([{ outcome: "stored" }]);
  expect(await storedIds(run)).toEqual(new Set(["a", "b"]));

  // An earlier contract again: its version is found by its hash, even if the run is started again in between.
  stage.synth(orderContract(10));
  await refused("c", 5);
  expect(await run.stop()).toBe(0);
  run = await start();
  expect((await cli("publish", ...order("d", 5))).code).toBe(2);
  expect(await run.stop()).toBe(0);
}
