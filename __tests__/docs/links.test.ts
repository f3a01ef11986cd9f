// Links in documents, and documents and files that messages, comments and help name.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => /\.(tsx?|mjs|json|yml|md)$|^\.ci\//.test(file) && existsSync(file) && file !== "package-lock.json");
const documents = files.filter((file) => file.endsWith(".md"));

/** GitHub's anchors of a document's headings; the second heading of one name gets `-1`. */
function anchorsOf(document: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutBlocks(document).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    let count = 0;
    while (anchors.has(count === 0 ? anchor : `${anchor}-${count}`)) count++;
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}

function withoutBlocks(document: string): string {
  return readFileSync(document, "utf8").replace(/^```[\s\S]*?^```/gm, "");
}

/** Returns why a link leads nowhere, or undefined. */
function faultOf(target: string, from: string): string | undefined {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? from : join(dirname(from), path);
  if (!existsSync(file)) return `${from}: ${target}: there is no ${file}`;
  if (anchor === undefined || !file.endsWith(".md") || anchorsOf(file).has(anchor)) return undefined;
  return `${from}: ${target}: ${file} has no heading #${anchor}`;
}

test("every link between documents leads to a file and to a heading in it", () => {
  const faults = documents.flatMap((from) =>
    [...withoutBlocks(from).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
      .map(([, link, attribute]) => link ?? attribute ?? "")
      .filter((target) => !/^(?:https?|mailto):/.test(target))
      .flatMap((target) => faultOf(target, from) ?? []),
  );
  expect(documents).toContain("docs/guide.md");
  expect(faults).toEqual([]);
});

test("every file and folder that a document names exists", () => {
  const named = /`((?:packages|stacks|lambda-src|tools|docs|examples|__tests__)\/[\w./@-]*)`/g;
  const faults = documents
    .filter((file) => file !== "CHANGELOG.md")
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(named)].map(([, path = ""]) => ({ file, path })))
    .filter(({ path }) => !existsSync(path) && !existsSync(`${path}.ts`));
  expect(faults).toEqual([]);
});

test("every document that code, help and messages name exists, with the heading", () => {
  const named = /\b((?:docs\/[\w-]+|README|CONTRIBUTING|SECURITY|CHANGELOG)\.md)((?:#[\w-]+)?)(?:, ([A-Z][\w' -]+))?/g;
  const faults = files
    .filter((file) => !file.endsWith(".md"))
    .flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(named)].map(([, page = "", anchor, title]) => ({
        file,
        page,
        anchor,
        title,
      })),
    )
    .filter(({ page, anchor, title }) => {
      if (!existsSync(page)) return true;
      if (anchor && !anchorsOf(page).has(anchor.slice(1))) return true;
      return title !== undefined && !withoutBlocks(page).includes(`# ${title}`);
    });
  expect(faults).toEqual([]);
});
