import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { writeStage } from "@event-pipeline/stage-output/write-stage";
import { App } from "cdktf";
import { EventPipelineStack } from "../../stacks/event-pipeline-stack";
import { stageWith } from "./synthesized";

/** A synthesized stage whose contracts a test changes, as an author does with `npm run synth`. */
export class SynthesizedStage {
  private readonly root = mkdtempSync(join(tmpdir(), "stage-"));
  private readonly events = join(this.root, "events");
  private readonly outdir = join(this.root, "cdktf.out");
  /** The stack's folder. */
  readonly folder = join(this.outdir, "stages", "test");

  /** Synthesizes the stage with these contracts; without a folder of contracts if there are none. */
  synth(...contracts: readonly object[]): void {
    rmSync(this.events, { recursive: true, force: true });
    for (const [index, contract] of contracts.entries()) {
      mkdirSync(this.events, { recursive: true });
      writeFileSync(join(this.events, `${index}.json`), JSON.stringify(contract));
    }
    writeStage(this.outdir, "test", (outdir, folder) => {
      const app = new App({ outdir });
      new EventPipelineStack(app, "event-pipeline", {
        projectRoot: relative(folder, "."),
        stage: stageWith(),
        eventsFolder: contracts.length > 0 ? this.events : undefined,
      });
      app.synth();
    });
  }
}

/** Returns a contract of the type `order.placed` that allows amounts from a minimum. */
export function orderContract(minimum: number): object {
  return {
    "x-event-type": "order.placed",
    "x-version": "1.0.0",
    title: "Order",
    description: "A customer ordered something.",
    type: "object",
    required: ["amount"],
    properties: { amount: { type: "number", minimum } },
    examples: [{ type: "order.placed", amount: minimum }],
  };
}
