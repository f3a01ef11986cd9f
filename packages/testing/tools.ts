import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const HOW_TO_GET = {
  terraform: "Install Terraform: https://developer.hashicorp.com/terraform/install",
  aws: "Install the AWS CLI: pip install awscli, or https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  git: "Install Git: https://git-scm.com/downloads",
  perl: "Install Perl: https://www.perl.org/get.html",
  setpriv: "Install util-linux (on Debian: apt-get install util-linux), or run the tests as a user other than root",
  ministack: "Install ministack with Python's package manager: pip install ministack==1.5.33",
  moto_server: "Install moto's server with Python's package manager: pip install 'moto[server]'",
} as const;

export type Tool = keyof typeof HOW_TO_GET;

/** Checks that tools are installed. @throws Error that says how to install each missing tool. */
export function requireTools(
  tools: readonly Tool[],
  { by = "test:terraform", path = process.env.PATH ?? "" }: { readonly by?: string; readonly path?: string } = {},
): void {
  const missing = tools.filter((tool) => !path.split(delimiter).some((folder) => isExecutable(join(folder, tool))));
  if (missing.length === 0) return;
  throw new Error(
    [
      `${by} needs ${tools.join(" and ")} on the PATH; missing: ${missing.join(", ")}.`,
      ...missing.map((tool) => HOW_TO_GET[tool]),
    ].join("\n"),
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return false;
    throw error;
  }
}
