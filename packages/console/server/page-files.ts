import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { OperationError } from "@event-pipeline/operations/errors";

/** Headers that restrict the page to its own files and keep other pages from framing it. */
export const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

const FILES = new Map<string, readonly [name: string, type: string]>([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/main.js", ["main.js", "text/javascript; charset=utf-8"]],
  ["/style.css", ["style.css", "text/css; charset=utf-8"]],
  ["/icon.svg", ["icon.svg", "image/svg+xml"]],
]);

/** Sends the page's file at the path. Returns false if there is no such file. */
export async function sendPageFile(path: string, response: ServerResponse): Promise<boolean> {
  const file = FILES.get(path);
  if (!file) return false;
  const [name, type] = file;
  // The path is relative to the bundle that serves the page.
  const content = await readFile(new URL(`../console/${name}`, import.meta.url)).catch((cause: Error) => {
    throw new OperationError(
      `Cannot read the page: ${cause.message}. Build the project, or install the package, again.`,
      { cause },
    );
  });
  response.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(content);
  return true;
}
