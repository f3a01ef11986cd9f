import { randomUUID } from "node:crypto";
import { escapeXml } from "../escape-xml";
import { ELEMENTS, LISTS, MAPS, NUMBERS } from "./query-members";

/** `a.1.b=x` as a tree; what is not a leaf has no text of its own. */
type Tree = Map<string, Tree | string>;

/** No member of SQS lies deeper. */
const MAX_DEPTH = 8;

/** The input of an action in SQS's JSON protocol, from its parameters in the query protocol. */
export function fromQuery(action: string, form: URLSearchParams): object {
  const input = structure(treeOf(form)) as Record<string, unknown>;
  // CreateQueue alone writes them small.
  if (action !== "CreateQueue" || !input.Tags) return input;
  const { Tags: tags, ...rest } = input;
  return { ...rest, tags };
}

/** The answer in the query protocol's XML. */
export function toQuery(action: string, answer: object): string {
  const result = members(action, answer);
  return `<?xml version="1.0"?><${action}Response xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`;
}

function treeOf(form: URLSearchParams): Tree {
  const root: Tree = new Map();
  for (const [path, text] of form) {
    const names = path.split(".").slice(0, MAX_DEPTH);
    const leaf = String(names.pop());
    let node = root;
    for (const name of names) {
      const next = node.get(name);
      const inner: Tree = next instanceof Map ? next : new Map();
      node.set(name, inner);
      node = inner;
    }
    node.set(leaf, text);
  }
  return root;
}

function structure(tree: Tree): object {
  return Object.fromEntries(
    [...tree].map(([name, value]): [string, unknown] => {
      const list = LISTS[name];
      if (list !== undefined && value instanceof Map) return [list, elements(value).map(inner)];
      const [map, key] = MAPS[name] ?? [];
      if (map !== undefined && key !== undefined && value instanceof Map) return [map, mapOf(value, key)];
      return [name, NUMBERS.has(name) ? numberOr(value) : inner(value)];
    }),
  );
}

/** What is no number is left for the rules of the input to refuse. */
function numberOr(value: Tree | string): unknown {
  const isNumber = typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value));
  return isNumber ? Number(value) : inner(value);
}

function inner(value: Tree | string): unknown {
  return value instanceof Map ? structure(value) : value;
}

function mapOf(tree: Tree, key: string): object {
  return Object.fromEntries(
    elements(tree).flatMap((entry) => {
      if (!(entry instanceof Map)) return [];
      return [[String(entry.get(key)), inner(entry.get("Value") ?? "")]];
    }),
  );
}

/** In the order of their numbers. */
function elements(tree: Tree): (Tree | string)[] {
  return [...tree].sort(([a], [b]) => Number(a) - Number(b)).map(([, element]) => element);
}

function members(action: string, answer: object): string {
  return Object.entries(answer)
    .map(([name, value]) => {
      if (value === undefined || value === null) return "";
      const known = ELEMENTS[name];
      const element = typeof known === "string" ? known : known?.[action];
      if (element === undefined) return xml(action, name, value);
      if (Array.isArray(value)) return value.map((one) => xml(action, element, one)).join("");
      const key = MAPS[element]?.[1] ?? "Name";
      return Object.entries(value as object)
        .map(
          ([of, inner]) => `<${element}><${key}>${escapeXml(of)}</${key}>${xml(action, "Value", inner)}</${element}>`,
        )
        .join("");
    })
    .join("");
}

function xml(action: string, name: string, value: unknown): string {
  const content = typeof value === "object" && value !== null ? members(action, value) : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}
