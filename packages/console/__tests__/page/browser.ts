import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Chromium's options: headless, and no requests of its own. As root, it starts only without its sandbox. */
const FLAGS = [
  "--headless",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // The next candidate is tried.
  }
}

/** @throws Error that says how to install Chromium if it is missing. */
export function chromiumPath({ CHROMIUM, PATH = "" }: NodeJS.ProcessEnv = process.env): string {
  const candidates = CHROMIUM
    ? [CHROMIUM]
    : NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    [
      CHROMIUM
        ? `Invalid CHROMIUM ${CHROMIUM}: expected the path of an executable.`
        : `test:browser needs Chromium on the PATH (${NAMES.join(", ")}).`,
      "Install it (Debian: apt-get install chromium), or set CHROMIUM to the path of a Chromium or Chrome.",
    ].join("\n"),
  );
}

/** A browser with a new profile. Records the requests and errors of its pages. */
export class Browser {
  readonly requests: string[] = [];
  readonly errors: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    private readonly folder: string,
  ) {
    context.on("request", (request) => this.requests.push(request.url()));
    context.on("weberror", (error) => this.errors.push(String(error.error())));
    context.on("console", (message) => {
      const { url } = message.location();
      if (message.type() === "error") this.errors.push(`${message.text()} (${url})`);
    });
  }

  static async open(): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), "chromium-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: chromiumPath(),
      args: FLAGS,
      viewport: { width: 1_360, height: 820 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    return new Browser(context, folder);
  }

  newPage(): Promise<Page> {
    return this.context.newPage();
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
