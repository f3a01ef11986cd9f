import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventContractsOf } from "@event-pipeline/contracts/contract-set";
import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import type { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { envelopeOf, recordOf } from "@event-pipeline/testing/sqs-records";
import { EXAMPLE_EVENTS } from "@event-pipeline/testing/synthesized";
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

test("does not start with the hash of contracts and without their file, or with a file that fails", () => {
  const folder = mkdtempSync(join(tmpdir(), "contracts-"));
  const start = (CONTRACTS_HASH: string) => {
    const QUEUE = { TABLE_NAME: "table", DEAD_LETTER_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/1/dlq" };
    const env = { ...process.env, ...QUEUE, AWS_REGION: "us-east-1", CONTRACTS_HASH };
    return spawnSync(process.execPath, [join(folder, "index.mjs")], { env, encoding: "utf8" });
  };
  try {
    cpSync("dist/lambda/event-processor", folder, { recursive: true });
    expect(start("")).toMatchObject({ status: 0 });
    expect(start("abc")).toMatchObject({ status: 1, stderr: expect.stringContaining("has no contracts.mjs") });
    writeFileSync(join(folder, "contracts.mjs"), "throw new TypeError('broken');");
    expect(start("abc")).toMatchObject({ status: 1, stderr: expect.stringContaining("broken") });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
