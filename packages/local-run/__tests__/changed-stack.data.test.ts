import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectCorrectedContractInUse } from "./corrected-contract";

test("a corrected contract is in use after a synth, and found after a restart from a data folder", () =>
  expectCorrectedContractInUse("--data-dir", join(mkdtempSync(join(tmpdir(), "data-")), "data")));
