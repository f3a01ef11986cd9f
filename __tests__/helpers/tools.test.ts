import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireTools } from "@event-pipeline/testing/tools";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terraform-harness-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("tools on the PATH", () => {
  test("throws an error that says how to install each missing tool", () => {
    const look = () => requireTools(["terraform", "moto_server"], { path: folder });
    expect(look).toThrow(/^test:terraform needs .* missing: terraform, moto_server/);
    expect(look).toThrow("https://developer.hashicorp.com/terraform/install");
    expect(look).toThrow("pip install 'moto[server]'");
  });

  test("does not throw if all tools are on the PATH", () => {
    writeFileSync(join(folder, "terraform"), "");
    chmodSync(join(folder, "terraform"), 0o755);
    expect(() => requireTools(["terraform"], { path: folder })).not.toThrow();
  });
});
