import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Load, measureLoad } from "./load";
import { startProfiledRun } from "./pipeline";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly hitCount: number;
  readonly children?: readonly number[];
}

/** Returns the share (0 to 1) of the local run's CPU profile that sends batches to a function and receives its responses. */
export async function handingShare(load: Load): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    await measureLoad(() => startProfiledRun(folder), load);
    const [file = ""] = readdirSync(folder);
    const { nodes } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { nodes: ProfileNode[] };
    const byId = new Map(nodes.map((node) => [node.id, node]));
    let all = 0;
    let handing = 0;
    const visit = ({ callFrame, hitCount, children = [] }: ProfileNode, isInside: boolean): void => {
      const isHanding = isInside || isHandingFrame(callFrame);
      if (callFrame.functionName !== "(idle)") all += hitCount;
      if (isHanding) handing += hitCount;
      for (const id of children) visit(byId.get(id) as ProfileNode, isHanding);
    };
    visit(nodes[0] as ProfileNode, false);
    return handing / all;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The methods named `invoke` convert a batch and send it. */
function isHandingFrame({ functionName, url }: ProfileNode["callFrame"]): boolean {
  return (
    (functionName === "invoke" && url.endsWith("dist/local/main.mjs")) || url.startsWith("node:internal/child_process")
  );
}
