// What the licences of bundled packages ask for: their texts go wherever the bundle goes.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const FILE = "THIRD-PARTY-NOTICES";

/** Licences whose only condition for a bundle is their notice. */
const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"];

/** Of those, the ones that ask for no notice. */
const WITHOUT_NOTICE = ["0BSD", "MIT-0"];

/** The package that a file is of, however deep it is installed. */
const PACKAGE = /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * Puts the notices of what is in the bundles of a folder beside them. A folder
 * has those of its own bundles alone, in an order that is the same everywhere.
 *
 * @type {import("esbuild").Plugin}
 */
export const thirdPartyNotices = {
  name: "third-party-notices",
  setup({ initialOptions, onEnd }) {
    initialOptions.metafile = true;
    onEnd(({ metafile, outputFiles }) => {
      if (!metafile) return {}; // It has failed already.
      const packages = packagesByFolder(metafile);
      const errors = [...new Set([...packages.values()].flat().flatMap(problemOf))];
      if (errors.length > 0) return { errors: errors.map((text) => ({ text })) };
      for (const [folder, ofFolder] of packages) {
        outputFiles.push({ path: resolve(folder, FILE), contents: Buffer.from(noticesOf(ofFolder)) });
      }
      return {};
    });
  },
};

/** @param {import("esbuild").Metafile} metafile */
function packagesByFolder({ outputs }) {
  const roots = new Map();
  for (const [path, { inputs }] of Object.entries(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const [root] = PACKAGE.exec(input) ?? [];
      if (root === undefined || bytesInOutput === 0) continue;
      const folder = dirname(path);
      roots.set(folder, (roots.get(folder) ?? new Set()).add(root));
    }
  }
  return new Map([...roots].map(([folder, ofFolder]) => [folder, withTexts([...ofFolder].map(readPackage))]));
}

function readPackage(root) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const files = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|notice|copying)/i.test(entry.name))
    .map(({ name: file }) => file);
  const texts = files.sort().map((file) => readFileSync(join(root, file), "utf8").replaceAll("\r\n", "\n").trim());
  return { id: `${name} ${version}`, license, text: texts.join("\n\n") };
}

/** Sorted, and each without a text of its own with that of another under the same licence of the same scope. */
function withTexts(packages) {
  const sorted = packages.sort((a, b) => (a.id < b.id ? -1 : 1));
  const scopeOf = ({ id }) => id.split("/")[0];
  return sorted.map((one) => {
    const like = sorted.find(
      (other) => other.text !== "" && other.license === one.license && scopeOf(other) === scopeOf(one),
    );
    return { ...one, text: one.text || (like?.text ?? "") };
  });
}

function problemOf({ id, license, text }) {
  if (!ALLOWED.includes(license)) {
    return `The bundled package ${id} has the licence ${JSON.stringify(license)}. Allowed are ${ALLOWED.join(", ")}: take another package, or see what the licence asks for and add it in tools/third-party-notices.mjs.`;
  }
  if (text === "" && !WITHOUT_NOTICE.includes(license)) {
    return `The bundled package ${id} has no text of its licence, ${license}, which is to go with it. Take another package or version.`;
  }
  return [];
}

/** Each text once, below all packages that it is of. */
function noticesOf(packages) {
  const groups = new Map();
  for (const { id, license, text } of packages) {
    const notice = `Licence: ${license}\n\n${text}`.trim();
    groups.set(notice, [...(groups.get(notice) ?? []), id]);
  }
  const sections = [...groups].map(([notice, ids]) => `${ids.join("\n")}\n\n${notice}`);
  return `${["The code beside this file contains these packages.", ...sections].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
