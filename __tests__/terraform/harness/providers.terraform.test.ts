// Terraform installs a provider without starting it, so any file in a mirror is enough.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "@event-pipeline/testing/child";
import { cliConfig, findProviders } from "./providers";

const REQUIRED = {
  archive: { source: "hashicorp/archive", version: "2.7.1" },
  aws: { source: "aws", version: "6.25.0" },
} as const;
const PLATFORM = `${process.platform === "win32" ? "windows" : process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terraform-harness-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a provider into the layout of a mirror or a plugin cache. */
function put(mirror: string, name: string, version: string): void {
  const place = join(folder, mirror, "registry.terraform.io", "hashicorp", name, version, PLATFORM);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `terraform-provider-${name}_v${version}`), mirror, { mode: 0o755 });
}

/** Environment in which Terraform uses only the mirror and a plugin cache. */
function environment() {
  const file = join(folder, "user.tfrc");
  mkdirSync(join(folder, "cache"), { recursive: true });
  mkdirSync(join(folder, "mirror"), { recursive: true });
  const cache = `plugin_cache_dir = ${JSON.stringify(join(folder, "cache"))}\n`;
  writeFileSync(file, cache + cliConfig({ mirrors: [join(folder, "mirror")] }));
  return { ...process.env, HOME: folder, TF_CLI_CONFIG_FILE: file, TF_PLUGIN_CACHE_DIR: join(folder, "cache") };
}

const find = () => findProviders(REQUIRED, join(folder, "found"), environment());

test("the versions that the stack requires, if Terraform can install them", async () => {
  put("mirror", "aws", "6.25.0");
  put("mirror", "aws", "6.66.0");
  put("mirror", "archive", "2.7.1");
  expect(await find()).toEqual({
    versions: { archive: "2.7.1", aws: "6.25.0" },
    mirrors: [join(folder, "found", "asked", ".terraform", "providers")],
  });
});

test("the newest available versions otherwise, with Terraform's error for the required ones", async () => {
  for (const version of ["5.9.0", "5.100.0"]) put("mirror", "aws", version);
  const providers = await find();
  expect(providers.versions).toEqual({ aws: "5.100.0" });
  expect(providers.insteadBecause).toMatch(/no available releases match[\s\S]*6\.25\.0/);
});

test("each required version that is available, even if another is not", async () => {
  for (const version of ["6.25.0", "6.66.0"]) put("mirror", "aws", version);
  put("mirror", "archive", "2.6.0");
  expect((await find()).versions).toEqual({ archive: "2.6.0", aws: "6.25.0" });
});

test("no copy from a plugin cache of another checkout", async () => {
  put("cache", "aws", "6.25.0");
  put("cache", "aws", "5.100.0");
  put("cache", "archive", "2.7.1");
  put("mirror", "aws", "5.100.0");
  const { versions, mirrors } = await find();
  expect(versions).toEqual({ aws: "5.100.0" });
  const installed = join(String(mirrors[0]), "registry.terraform.io/hashicorp/aws/5.100.0", PLATFORM);
  expect(readFileSync(join(installed, "terraform-provider-aws_v5.100.0"), "utf8")).toBe("mirror");
});

test("without an AWS provider, the error contains Terraform's error and says how to get one", async () => {
  await expect(find()).rejects.toThrow(
    /needs the AWS provider \(6\.25\.0 or an older one\)[\s\S]*was not[\s\S]*found in any[\s\S]*releases\.hashicorp\.com\/terraform-provider-aws[\s\S]*TF_CLI_CONFIG_FILE/,
  );
});

test("providers that were found are installed again from the same mirror only", async () => {
  put("mirror", "aws", "5.100.0");
  const providers = await find();
  writeFileSync(join(folder, "found.tfrc"), cliConfig(providers));
  const init = async (version: string) => {
    const cwd = mkdtempSync(join(folder, "again-"));
    const required_providers = { aws: { source: "aws", version } };
    writeFileSync(join(cwd, "main.tf.json"), JSON.stringify({ terraform: { required_providers } }));
    const env = { ...process.env, TF_CLI_CONFIG_FILE: join(folder, "found.tfrc") };
    return (await new Child("terraform", ["init", "-no-color"], { cwd, env }).finished(60_000)).code;
  };
  expect(await init("5.100.0")).toBe(0);
  expect(await init("6.25.0")).not.toBe(0);
});
