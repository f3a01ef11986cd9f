import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { startLocalAws } from "@event-pipeline/local-aws/local-aws";
import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { Child, runNode } from "../child";
import { lambdaEnvironment, REGION, TABLE_NAME } from "../environment";
import { eventOf, recordOfMessage } from "../events";
import type { Invocation, InvocationFigures } from "../handler-process";
import { createTable, verifyItems } from "../items";
import { measureInTurn, ratio, rounded, withSpread } from "../statistics";
import type { Table } from "../table";
import { type Handler, handlerWithContracts } from "./handler-with-contracts";

const COUNTS = [0, 10, 15, 50];
const BATCH_SIZE = 100;
const WARM_UP_BATCHES = 10;
const INVOCATION_MS = 60_000;
const MAX_CPU_RATIO = 1.1;
const MAX_BUNDLE_KB = 400;
/** The number of contracts for which the goal of the bundle's size is set. */
const GOAL_COUNT = 15;

const typeAt = (index: number) => `finding.type-${index}`;

/** A contract with a rule for each member of the benchmark's events. */
const contractOf = (type: string) => ({
  "x-event-type": type,
  "x-version": "1.0.0",
  title: "New finding",
  description: "An agent found a weakness.",
  type: "object",
  required: ["type", "id", "severity", "title", "target"],
  properties: {
    type: { const: type },
    id: { type: "string", minLength: 1, maxLength: 100 },
    time: { type: "string", format: "date-time" },
    severity: { enum: ["low", "medium", "high", "critical"] },
    title: { type: "string", minLength: 1, maxLength: 500 },
    target: {
      type: "object",
      required: ["host"],
      properties: {
        host: { type: "string", format: "hostname" },
        path: { type: "string", pattern: "^/[a-z/]*$" },
        parameter: { type: "string", maxLength: 100 },
        ports: { type: "array", maxItems: 100, items: { type: "integer", minimum: 1, maximum: 65_535 } },
      },
    },
    evidence: { type: "string", maxLength: 10_000 },
    confidence: { type: "number", minimum: 0, maximum: 1 },
    confirmed: { type: "boolean" },
  },
  additionalProperties: false,
  examples: [{ ...eventOf("example"), type }],
});

interface Candidate extends Handler {
  readonly count: number;
}

/** Compares the handler with contracts to the handler without. */
export async function contracts(quick: boolean): Promise<Table> {
  const root = mkdtempSync(join(tmpdir(), "bench-contracts-"));
  const eventIds: string[] = [];
  const aws = await startLocalAws({ region: REGION });
  const server = await listenOnLoopback(0);
  server.serve((request, response) => aws.handle(request, response));
  const client = new DynamoDBClient({ endpoint: server.endpoint, region: REGION, credentials: CREDENTIALS });
  const candidates = COUNTS.map((count) => candidateWith(count, root, server.endpoint));
  const children = await Promise.all(candidates.map(startHandler));

  async function invoke(child: (typeof children)[number]): Promise<number> {
    const ids = Array.from({ length: BATCH_SIZE }, (_, index) => `event-${eventIds.length + index}`);
    eventIds.push(...ids);
    const records = ids.map((id, index) =>
      recordOfMessage(JSON.stringify({ ...eventOf(id), type: typeAt(index % Math.max(...COUNTS)) })),
    );
    const { cpuMicros, failedMessageIds } = await child.request({
      event: { Records: records },
      timeoutMs: INVOCATION_MS,
    });
    if (failedMessageIds.length > 0) throw new Error(`${failedMessageIds.length} of ${BATCH_SIZE} records failed.`);
    return cpuMicros / BATCH_SIZE;
  }

  try {
    await createTable(client, TABLE_NAME);
    await measureInTurn(children, WARM_UP_BATCHES, invoke);
    const cpu = [...(await measureInTurn(children, quick ? 10 : 60, invoke)).values()];
    const starts = [...(await measureInTurn(candidates, quick ? 5 : 30, coldStart)).values()];
    await verifyItems(client, TABLE_NAME, eventIds);
    const rows = candidates.map(({ count, folder }, index) => [
      String(count),
      ...bundleSizes(folder),
      withSpread(starts[index] as number[], "ms"),
      ratio(starts[index] as number[], starts[0] as number[]),
      withSpread(cpu[index] as number[], "µs"),
      ratio(cpu[index] as number[], cpu[0] as number[]),
    ]);
    const atGoal = rows[COUNTS.indexOf(GOAL_COUNT)] as string[];
    return {
      title: "Contracts",
      introduction: `The handler processes batches of ${BATCH_SIZE} events of ${Math.max(...COUNTS)} types with 0 to ${Math.max(...COUNTS)} contracts, in turn. Each contract has a rule for every member of
its events. An event whose type has no contract is not validated. A start is a new process that imports the handler and invokes it
without records. The bundle is the handler's code and \`contracts.mjs\`.`,
      columns: ["contracts", "bundle", "zipped", "start", "÷ none", "CPU per event", "÷ none"],
      rows,
      notes: [
        `Goal: at most ${MAX_CPU_RATIO} × the CPU time per event (measured: ${rows
          .slice(1)
          .map((row) => row.at(-1))
          .join(
            ", ",
          )}), and at most ${MAX_BUNDLE_KB} KB with ${GOAL_COUNT} contracts (measured: ${atGoal[1]}, and ${atGoal[2]} zipped).`,
      ],
    };
  } finally {
    client.destroy();
    await Promise.all(children.map((child) => child.stop()));
    await server.stop();
    await aws.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

function candidateWith(count: number, root: string, endpoint: string): Candidate {
  const schemas = Array.from({ length: count }, (_, index) => contractOf(typeAt(index)));
  const { folder, environment } = handlerWithContracts(join(root, String(count)), schemas);
  return { count, folder, environment: { ...lambdaEnvironment(endpoint), ...environment } };
}

async function startHandler({ folder, environment }: Candidate) {
  const args = [join(folder, "index.mjs")];
  const { child } = await Child.start<Invocation, InvocationFigures, object>({
    file: "handler-process.mjs",
    args,
    env: environment,
  });
  return child;
}

/** Returns the time of a process that imports the handler with its contracts. */
function coldStart({ folder, environment }: Candidate): number {
  const url = pathToFileURL(join(folder, "index.mjs")).href;
  const script = `const { handler } = await import(${JSON.stringify(url)}); await handler({ Records: [] }, {});`;
  return runNode(["--input-type=module", "-e", script], environment).ms;
}

/** Returns the size of the code in KB, and its size when it is compressed. */
function bundleSizes(folder: string): string[] {
  const files = ["index.mjs", "contracts.mjs"].map((file) => join(folder, file)).filter((file) => existsSync(file));
  const texts = files.map((file) => readFileSync(file));
  return [texts, texts.map((text) => gzipSync(text))].map(
    (parts) => `${rounded(Buffer.concat(parts).length / 1_000)} KB`,
  );
}
