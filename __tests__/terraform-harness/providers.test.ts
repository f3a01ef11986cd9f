import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderOfProvider, platformOfProviders } from "../helpers/terraform/mirrors";
import { chooseProviders, cliConfig } from "../helpers/terraform/providers";
import type { StackFile } from "../helpers/terraform/stack-file";

const STACK: StackFile = {
  terraform: {
    required_providers: {
      archive: { source: "hashicorp/archive", version: "2.7.1" },
      aws: { source: "aws", version: "6.25.0" },
    },
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terraform-harness-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("without an AWS provider anywhere the error says which is wanted and where to put it", () => {
  const choose = () => chooseProviders(STACK, [folder]);
  expect(choose).toThrow(/needs the AWS provider \(6\.25\.0\)/);
  expect(choose).toThrow("https://releases.hashicorp.com/terraform-provider-aws/");
  expect(choose).toThrow(join("~", ".terraform.d", "plugins", folderOfProvider("aws")));
});

test("the AWS provider alone is enough, and Terraform may install nothing else", () => {
  mkdirSync(join(folder, folderOfProvider("aws"), "5.100.0", platformOfProviders()), { recursive: true });
  const providers = chooseProviders(STACK, [folder]);
  expect(providers).toEqual({ versions: { aws: "5.100.0" }, mirrors: [{ mirror: folder, source: "aws" }] });
  expect(cliConfig(providers)).toBe(
    `provider_installation {
  filesystem_mirror {
    path = ${JSON.stringify(folder)}
    include = ["registry.terraform.io/hashicorp/aws"]
  }
}
`,
  );
});
