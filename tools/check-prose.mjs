// Checks the English of comments, docstrings, messages, test titles and documents: node tools/check-prose.mjs [path…]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const rules = JSON.parse(readFileSync(new URL("prose.json", import.meta.url), "utf8"));
const banned = wordRules(rules.words);
const bannedInDocuments = [...banned, ...wordRules(rules.documentWords)];
const exceptions = rules.exceptions.map(({ file = "", text }) => ({ file, text }));

/** Matches comments, strings and templates. */
const TOKENS =
  /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
const TITLE = /\b(?:test|it)(?:\.\w+)*\(\s*$|\]\s*(?:as const)?\)\($/;

/**
 * Returns the texts in a file that people read.
 *
 * @returns each text with its kind and its offset in the file.
 */
function textsIn(file, source) {
  if (file.endsWith(".md")) return [{ kind: "document", text: withoutCode(source), offset: 0 }];
  return [...source.matchAll(TOKENS)].flatMap(({ 0: token, index }) => {
    if (token.startsWith("/**")) return { kind: "docstring", text: withoutStars(token), offset: index };
    if (token.startsWith("/")) return { kind: "comment", text: withoutStars(token), offset: index };
    const text = token.slice(1, -1).replace(/\$\{[^}]*\}/g, blank);
    const kind = TITLE.test(source.slice(Math.max(0, index - 60), index)) ? "title" : "message";
    return kind === "title" || text.split(" ").length > 2 ? { kind, text, offset: index } : [];
  });
}

/** Replaces code, comments and links in Markdown, without changing offsets. */
function withoutCode(markdown) {
  return markdown.replace(/^```[\s\S]*?^```|`[^`]*`|<!--[\s\S]*?-->|\]\([^)]*\)|https?:\S+/gm, blank);
}

function withoutStars(comment) {
  return comment.replace(/^\s*(?:\/?\*+\/?|\/\/)|\*\/$|`[^`\n]*`|https?:\S+|@example[\s\S]*/gm, blank);
}

function blank(text) {
  return text.replace(/[^\n]/g, "_");
}

function openingFault({ kind, text }) {
  const openings = rules[`${kind}s`];
  const [, first] = /^[\s_]*([A-Za-z][\w']*)/.exec(text) ?? [];
  return openings?.includes(first) ? [{ index: text.indexOf(first), found: first, better: rules.openings }] : [];
}

function wordRules(words) {
  return Object.entries(words).map(([pattern, better]) => ({ pattern: new RegExp(pattern, "g"), better }));
}

function wordFaults({ kind, text }) {
  const line = text.replace(/\n/g, " ");
  return (kind === "document" ? bannedInDocuments : banned).flatMap(({ pattern, better }) =>
    [...line.matchAll(pattern)].map(({ 0: found, index }) => ({ index, found, better })),
  );
}

function faultsIn(file) {
  const source = readFileSync(file, "utf8");
  const isExcepted = (text) =>
    exceptions.some((it) => file.startsWith(it.file) && text.toLowerCase().includes(it.text.toLowerCase()));
  return textsIn(file, source).flatMap((text) =>
    [...openingFault(text), ...wordFaults(text)].flatMap(({ index, found, better }) => {
      const at = text.offset + index;
      const around = text.text.slice(Math.max(0, index - 40), index + found.length + 40).replace(/\s+/g, " ");
      if (isExcepted(around)) return [];
      return `${file}:${source.slice(0, at).split("\n").length}: "${found}" (${better}): …${around}…`;
    }),
  );
}

const tracked = execFileSync("git", ["ls-files", "--", ...process.argv.slice(2)], { encoding: "utf8" }).split("\n");
const files = tracked.filter((file) => /\.(tsx?|mjs|md)$/.test(file) && existsSync(file));
const faults = files.flatMap(faultsIn);
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(`${faults.length} faults. tools/prose.json has the words, and exceptions with their reasons.`);
  process.exitCode = 1;
}
