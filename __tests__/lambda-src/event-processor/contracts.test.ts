import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContractSet, eventContractsOf, hashOf, moduleSource } from "@event-pipeline/contracts/contract-set";
import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import type { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { Child } from "@event-pipeline/testing/child";
import { FakeAws } from "@event-pipeline/testing/fake-aws";
import { envelopeOf, recordOf, recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { EXAMPLE_EVENTS } from "@event-pipeline/testing/synthesized";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { parseMessage } from "../../../lambda-src/event-processor/messages";

const { contracts } = readContractFolder(EXAMPLE_EVENTS);

/** Returns the refusal's code, or `stored`. */
function endOf(event: object, { strictTypes = false, mapping = [] as readonly { type: string[] }[] } = {}): string {
  const set = eventContractsOf({ contracts, mapping, strictTypes });
  const { item, error } = parseMessage(recordOf(envelopeOf(JSON.stringify(event))), set, 90);
  if (item) return "stored";
  return (error as RefusedMessageError).code;
}

const VALID = { type: "finding.new", severity: "high", title: "T" };

test("refuses violations, and with strictTypes unknown types", () => {
  expect(endOf(VALID)).toBe("stored");
  expect(endOf({ ...VALID, severity: "severe" })).toBe("CONTRACT_VIOLATED");
  expect(endOf({ type: "other" })).toBe("stored");
  expect(endOf({ type: "other" }, { strictTypes: true })).toBe("UNKNOWN_TYPE");
  expect(endOf(VALID, { strictTypes: true })).toBe("stored");
});

test("the mapped type decides the contract", () => {
  const mapping = [{ type: ["/kind"] }];
  expect(endOf({ ...VALID, kind: "other", severity: "severe" }, { mapping })).toBe("stored");
  expect(endOf({ kind: "finding.new" }, { mapping })).toBe("CONTRACT_VIOLATED");
});

test("the refusal of a huge event is short, and names the place, the rule, the version and the hash", () => {
  const members = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`name ${n} ~/`, n]));
  const deep = `${'{"a":'.repeat(1_000)}1${"}".repeat(1_000)}`;
  const compiled = eventContractsOf({ contracts, mapping: [], strictTypes: false });
  const [finding] = contracts.filter(({ type }) => type === "finding.new");
  for (const value of [
    JSON.stringify("x".repeat(256 * 1_024)),
    JSON.stringify(members),
    deep,
    `[${"{},".repeat(80_000)}1]`,
  ]) {
    for (const name of ["severity", "title", "score", "tags"]) {
      const rest = JSON.stringify(VALID).slice(1, -1);
      const record = recordOf(envelopeOf(`{${rest},"${name}":${value}}`));
      const { error } = parseMessage(record, compiled, 90);
      expect((error as RefusedMessageError).code).toBe("CONTRACT_VIOLATED");
      expect(error?.message).toContain(`/${name}`);
      expect(error?.message).toContain(`"finding.new", version ${finding?.version} (${finding?.hash.slice(0, 8)})`);
      expect(error?.message.length).toBeLessThan(600);
    }
  }
});

/** Invokes the bundle in the current folder with records from the arguments. */
const INVOKE = `
  import { handler } from "./index.mjs";
  const records = JSON.parse(process.argv.at(-1));
  const answer = await handler({ Records: records }, { getRemainingTimeInMillis: () => 20_000 });
  console.log("ANSWER " + JSON.stringify(answer));
`;

describe("the function's bundle", () => {
  const aws = new FakeAws();
  const folder = mkdtempSync(join(tmpdir(), "contracts-"));
  const set: ContractSet = { contracts, mapping: [], strictTypes: true };
  let endpoint: string;

  beforeAll(async () => {
    cpSync("dist/lambda/event-processor", folder, { recursive: true });
    writeFileSync(join(folder, "invoke.mjs"), INVOKE);
    endpoint = await aws.start();
  });
  beforeEach(() => {
    aws.reset();
    rmSync(join(folder, "contracts.mjs"), { force: true });
  });
  afterAll(async () => {
    await aws.stop();
    rmSync(folder, { recursive: true });
  });

  async function invoke(CONTRACTS_HASH: string, records: readonly SQSRecord[]) {
    const env = {
      ...process.env,
      ...{ TABLE_NAME: "table", DEAD_LETTER_QUEUE_URL: `${endpoint}/1/dlq`, AWS_ENDPOINT_URL: endpoint },
      ...{ AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", CONTRACTS_HASH },
    };
    const child = new Child(process.execPath, ["invoke.mjs", JSON.stringify(records)], { cwd: folder, env });
    const { code, stdout, stderr } = await child.finished(25_000);
    const answer = /^ANSWER (.*)$/m.exec(stdout)?.[1];
    return {
      code,
      stdout,
      stderr,
      answer: answer === undefined ? undefined : (JSON.parse(answer) as SQSBatchResponse),
    };
  }

  const violation = () => recordOfEvent({ ...VALID, severity: "severe" });

  test("stores the neighbors of a violation, whose dead letter says why, and logs the hash", async () => {
    writeFileSync(join(folder, "contracts.mjs"), moduleSource(set));
    const records = [
      recordOfEvent(VALID),
      violation(),
      recordOfEvent({ type: "other" }),
      recordOfEvent({ ...VALID, id: "2" }),
    ];
    const { answer, stdout } = await invoke(hashOf(set), records);
    expect(answer).toEqual({ batchItemFailures: [] });
    expect([...aws.items.values()].map(({ event_type }) => event_type?.S)).toEqual(["finding.new", "finding.new"]);
    expect(stdout).toContain(`"contracts":"${hashOf(set)}"`);
    const reasons = aws.letters.map(({ MessageAttributes }) => [
      MessageAttributes.error_code?.StringValue,
      MessageAttributes.error_message?.StringValue,
    ]);
    expect(reasons.sort()).toEqual([
      [
        "CONTRACT_VIOLATED",
        expect.stringMatching(
          /"finding\.new", version 1\.0\.0 \([0-9a-f]{8}\): \/severity is "severe"; .*"low", "medium"/,
        ),
      ],
      [
        "UNKNOWN_TYPE",
        expect.stringMatching(/"other".*strictTypes.*"finding\.new", "scan\.finished", "scan\.started"/),
      ],
    ]);
    expect(aws.letters.map(({ MessageBody }) => MessageBody).sort()).toEqual(
      [records[1]?.body, records[2]?.body].sort(),
    );
  });

  test("counts the file if the variable is of another version, as during a deployment", async () => {
    writeFileSync(join(folder, "contracts.mjs"), moduleSource(set));
    const { answer, stdout } = await invoke("f".repeat(64), [violation()]);
    expect([answer, aws.letters.length]).toEqual([{ batchItemFailures: [] }, 1]);
    expect(stdout).toContain(`"contracts":"${hashOf(set)}"`);
  });

  test.each<[string, string | undefined]>([
    ["has no contracts.mjs", undefined],
    ["broken", "throw new TypeError('broken');"],
    ["contracts.mjs fails", "export const hash = '';"],
    ["contracts.mjs fails", "not a module"],
  ])("fails the batch, writes nothing and says what to do: %s", async (problem, source) => {
    if (source !== undefined) writeFileSync(join(folder, "contracts.mjs"), source);
    const { code, stderr, answer } = await invoke("abc", [recordOfEvent(VALID), violation()]);
    expect([code, answer, aws.requests.length]).toEqual([1, undefined, 0]);
    expect(stderr).toContain("EnvironmentError");
    expect(stderr).toContain(problem);
    expect(stderr).toContain("Deploy the folder that synth writes");
  });

  test("reads no contracts without the variable", async () => {
    writeFileSync(join(folder, "contracts.mjs"), moduleSource(set));
    expect((await invoke("", [violation()])).answer).toEqual({ batchItemFailures: [] });
    expect([aws.items.size, aws.letters.length]).toEqual([1, 0]);
  });
});
