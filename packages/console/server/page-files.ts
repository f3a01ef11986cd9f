import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { OperationError } from "@event-pipeline/operations/errors";

/** Restricts the page to its own files, and forbids frames of other pages. */
export const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/main.js": ["main.js", "text/javascript; charset=utf-8"],
  "/style.css": ["style.css", "text/css; charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
};

/** Serves the files of the bundled page. */
export class PageFiles {
  private readonly contents = new Map<string, Promise<Buffer>>();

  /** @param folder - Folder of the bundled page. */
  constructor(private readonly folder: string) {}

  has(path: string): boolean {
    return Object.hasOwn(FILES, path);
  }

  async answer(path: string, response: ServerResponse): Promise<void> {
    const [name, type] = FILES[path] as readonly [string, string];
    // Read at the first visit, because most runs have none.
    const content = this.contents.get(path) ?? readFile(join(this.folder, name));
    this.contents.set(path, content);
    try {
      const bytes = await content;
      response.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(bytes);
    } catch (error) {
      this.contents.delete(path);
      throw new OperationError(`Cannot read the page: ${(error as Error).message}. Run: npm run build`, {
        cause: error,
      });
    }
  }
}
