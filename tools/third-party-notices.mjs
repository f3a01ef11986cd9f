// Adds the license texts of the bundled packages to each bundle, as the licenses require.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const FILE = "THIRD-PARTY-NOTICES";

/** File with contents of the SDK's client packages. */
export const SCHEMAS = "packages/local-aws/protocols/schemas.json";

/** Licenses that require nothing more than a notice in the bundle. */
const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"];

/** Allowed licenses that do not even require a notice. */
const WITHOUT_NOTICE = ["0BSD", "MIT-0"];

/** Matches the package folder in a file's path, at any depth of node_modules. */
const PACKAGE = /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * Writes a file with the bundled packages' notices to each folder of bundles. It lists only the packages in that
 * folder's bundles, in a stable order.
 *
 * @type {import("esbuild").Plugin}
 */
export const thirdPartyNotices = {
  name: "third-party-notices",
  setup({ initialOptions, onEnd }) {
    initialOptions.metafile = true;
    onEnd(({ metafile, outputFiles }) => {
      if (!metafile) return {}; // The build has failed.
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
      if (bytesInOutput === 0) continue;
      const folder = dirname(path);
      const ofFolder = roots.get(folder) ?? new Set();
      for (const root of rootsOf(input)) ofFolder.add(root);
      if (ofFolder.size > 0) roots.set(folder, ofFolder);
    }
  }
  return new Map([...roots].map(([folder, ofFolder]) => [folder, withTexts([...ofFolder].map(readPackage))]));
}

/** Returns the folders of the packages that a file comes from. */
function rootsOf(input) {
  if (input === SCHEMAS) return clientPackages().map((name) => join("node_modules", name));
  return PACKAGE.exec(input) ?? [];
}

/** Returns the SDK's client packages whose schemas are in the file. */
function clientPackages() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync("packages/local-aws/package.json", "utf8"));
  return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name.startsWith("@aws-sdk/client-"));
}

function readPackage(root) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const files = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|notice|copying)/i.test(entry.name))
    .map(({ name: file }) => file);
  const texts = files.sort().map((file) => readFileSync(join(root, file), "utf8").replaceAll("\r\n", "\n").trim());
  return { id: `${name} ${version}`, license, text: texts.join("\n\n") };
}

/** Sorts the packages. A package without a license text gets the text of another with the same scope and license. */
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
    return `The bundled package ${id} has the license ${JSON.stringify(license)}. Allowed: ${ALLOWED.join(", ")}. Use another package, or check what the license requires and add it to tools/third-party-notices.mjs.`;
  }
  if (text === "" && !WITHOUT_NOTICE.includes(license)) {
    return `The bundled package ${id} has no license text, but ${license} requires it. Use another package or version.`;
  }
  return [];
}

/** Formats the notices: each license text once, below the packages that use it. */
function noticesOf(packages) {
  const groups = new Map();
  for (const { id, license, text } of packages) {
    const notice = `License: ${license}\n\n${text}`.trim();
    groups.set(notice, [...(groups.get(notice) ?? []), id]);
  }
  const sections = [...groups].map(([notice, ids]) => `${ids.join("\n")}\n\n${notice}`);
  return `${["The code next to this file contains these packages.", ...sections].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
