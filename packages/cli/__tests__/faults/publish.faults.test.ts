import { LocalRun } from "@event-pipeline/testing/local-run";
import type { CommandResult } from "@event-pipeline/testing/run-cli";
import { drained, storedIds, storedItems } from "@event-pipeline/testing/stored-events";
import { wipe } from "../wipe";
import { FaultMatrix, type Scenario } from "./matrix";

let run: LocalRun;
let matrix: FaultMatrix;

beforeAll(async () => {
  run = await LocalRun.start();
  matrix = await FaultMatrix.open(run);
});

afterAll(async () => {
  await matrix.close();
  await run.stop();
});

const ids = Array.from({ length: 35 }, (_, index) => `event-${index}`);

function publishes(wanted: readonly string[]): Pick<Scenario, "prepare" | "undone" | "wrong"> {
  return {
    prepare: async () => {
      await drained(run, run.output("queue_url"));
      await wipe(run);
    },
    undone: async () => {
      await drained(run, run.output("queue_url"));
      const stored = await storedIds(run);
      const missing = wanted.filter((id) => !stored.has(id)).length;
      return missing > 0 ? [`${missing} events are not in the table`] : [];
    },
    wrong: async ({ stdout }: CommandResult) => {
      await drained(run, run.output("queue_url"));
      // Without a time of its own, an event that is published twice has two items.
      const stored = [...(await storedItems(run)).values()].map(({ message_id }) => message_id?.S);
      const unknown = stdout.split("\n").filter((line) => line !== "" && !stored.includes(line)).length;
      return unknown > 0 ? [`${unknown} printed MessageIds are not in the table`] : [];
    },
  };
}

const scenarios: Readonly<Record<string, Scenario>> = {
  publish: { ...publishes(["one"]), args: ["publish", "published", "--id", "one"] },
  "publish -": {
    ...publishes(ids),
    args: ["publish", "-"],
    stdin: ids.map((id) => `${JSON.stringify({ type: "published", id })}\n`).join(""),
    counts: /\b\d+ published/,
  },
};

test.each(Object.entries(scenarios))(
  "%s",
  async (name, scenario) => expect(await matrix.faultsIn(name, scenario)).toEqual([]),
  3_600_000,
);
