import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { eventContractsOf } from "@event-pipeline/contracts/contract-set";
import { EventContracts } from "@event-pipeline/contracts/event-contracts";
import { readContractFolder } from "@event-pipeline/contracts/read-folder";
import type { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { envelopeOf, recordOf } from "@event-pipeline/testing/sqs-records";
import { loadContracts } from "../../../lambda-src/event-processor/contracts";
import { EnvironmentError } from "../../../lambda-src/event-processor/errors";
import { parseMessage } from "../../../lambda-src/event-processor/messages";

const { contracts } = readContractFolder("events");

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

test("needs the file only if the stack has contracts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "contracts-"));
  try {
    const url = pathToFileURL(join(folder, "contracts.mjs"));
    expect(await loadContracts(undefined, url)).toBe(EventContracts.NONE);
    await expect(loadContracts("abc", url)).rejects.toThrow(EnvironmentError);
    writeFileSync(url, "throw new TypeError('broken');");
    await expect(loadContracts("abc", url)).rejects.not.toThrow(EnvironmentError);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
