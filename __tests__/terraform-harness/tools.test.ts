import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findInMirrors, mirrorFolders, platformOfProviders } from "../helpers/terraform/mirrors";
import { requireTools } from "../helpers/tools";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terraform-harness-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("tools on the PATH", () => {
  test("that are missing are an error that says how to get each", () => {
    const look = () => requireTools(["terraform", "moto_server"], { path: folder });
    expect(look).toThrow(/^test:terraform needs .* missing: terraform, moto_server/);
    expect(look).toThrow("https://developer.hashicorp.com/terraform/install");
    expect(look).toThrow("pip install 'moto[server]'");
  });

  test("that are there are no error", () => {
    writeFileSync(join(folder, "terraform"), "");
    chmodSync(join(folder, "terraform"), 0o755);
    expect(() => requireTools(["terraform"], { path: folder })).not.toThrow();
  });
});

describe("filesystem mirrors", () => {
  const platform = platformOfProviders();
  const aws = () => join(folder, "registry.terraform.io", "hashicorp", "aws");

  test("give the wanted version, or else the newest", () => {
    for (const version of ["5.9.0", "5.100.0"]) mkdirSync(join(aws(), version, platform), { recursive: true });
    expect(findInMirrors("aws", "5.9.0", [folder])).toEqual({ mirror: folder, version: "5.9.0" });
    expect(findInMirrors("hashicorp/aws", "6.25.0", [folder])).toEqual({ mirror: folder, version: "5.100.0" });
  });

  test("are read in their packed layout too, and for this platform alone", () => {
    mkdirSync(aws(), { recursive: true });
    writeFileSync(join(aws(), `terraform-provider-aws_5.50.0_${platform}.zip`), "");
    writeFileSync(join(aws(), "terraform-provider-aws_5.60.0_plan9_mips.zip"), "");
    expect(findInMirrors("aws", "6.25.0", [folder])).toEqual({ mirror: folder, version: "5.50.0" });
  });

  test("that hold nothing of the provider are passed over", () => {
    expect(findInMirrors("archive", "2.7.1", [folder, join(folder, "missing")])).toBeUndefined();
  });

  test("are looked for in the CLI config first, and below the home folder last", () => {
    const config = join(folder, "terraform.rc");
    writeFileSync(config, 'provider_installation {\n  filesystem_mirror {\n    path = "/from/config"\n  }\n}\n');
    mkdirSync(join(aws(), "5.100.0", platform), { recursive: true });
    const folders = [...mirrorFolders({ TF_CLI_CONFIG_FILE: config, TF_PLUGIN_CACHE_DIR: "/cache" }, folder)];
    expect(folders[0]).toBe("/from/config");
    expect(folders).toContain("/cache");
    expect(folders).toContain(folder);
  });
});
