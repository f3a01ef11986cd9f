import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAMBDA_NODE, lambdaNode } from "../lambda-node";

/** Something to import, and how. */
export interface Candidate {
  readonly name: string;
  readonly bundle: string;
  /** Executable of another Node.js; this one when absent. */
  readonly node?: string;
  readonly compileCache?: string;
}

const HANDLER_BUNDLE = "dist/lambda/event-processor/index.mjs";

export const BARE_CLIENT: Candidate = { name: "bare DynamoDBClient", bundle: "dist/bench/lambda/bare-client.mjs" };
export const HANDLER: Candidate = { name: "**this handler**", bundle: HANDLER_BUNDLE };

const MAIN: readonly Candidate[] = [
  BARE_CLIENT,
  HANDLER,
  { name: "this handler, packages not bundled", bundle: "dist/bench/unbundled/handler.mjs" },
];

const VARIANTS: readonly Candidate[] = [
  { name: "this handler as CommonJS", bundle: "dist/bench/commonjs/handler.cjs" },
  { name: "this handler, not minified", bundle: "dist/bench/unminified/handler.mjs" },
  { name: "document client + BatchWrite", bundle: "dist/bench/lambda/document-client.mjs" },
  { name: "low-level client + BatchWriteItem", bundle: "dist/bench/lambda/low-level-client.mjs" },
];

export function candidates(quick: boolean): readonly Candidate[] {
  return quick ? MAIN : [...MAIN, ...VARIANTS, ...onLambdasNode()];
}

function onLambdasNode(): readonly Candidate[] {
  const node = lambdaNode();
  const title = `Node.js ${LAMBDA_NODE.split(".")[0]}`;
  return [
    { ...BARE_CLIENT, name: `${title}: bare DynamoDBClient`, node },
    { name: `${title}: this handler`, bundle: HANDLER_BUNDLE, node },
    {
      name: `${title}: this handler, compile cache`,
      bundle: HANDLER_BUNDLE,
      node,
      compileCache: mkdtempSync(join(tmpdir(), "bench-compile-cache-")),
    },
  ];
}
