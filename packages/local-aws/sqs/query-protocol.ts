import { randomUUID } from "node:crypto";
import type { NormalizedSchema } from "@smithy/core/schema";
import { escapeXml } from "../protocols/responses";
import { membersOf, schemaOf } from "./sqs-input";

/** Parameters in nested maps: one level for each part of a name such as `Tag.1.Key`. */
type Tree = Map<string, Tree | string>;

/** Maximum depth of a parameter name in SQS. */
const MAX_DEPTH = 8;

/** Converts the parameters of the query protocol to the input of the JSON protocol. */
export function parseQueryInput(action: string, form: URLSearchParams): object {
  return structure(schemaOf(action, "input"), treeOf(form));
}

/** Converts an action's output to the query protocol's XML. */
export function formatQueryOutput(action: string, output: object): string {
  const result = membersXml(schemaOf(action, "output"), output);
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

function structure(schema: NormalizedSchema, tree: Tree): object {
  return Object.fromEntries(
    membersOf(schema).flatMap(([name, member]): [string, unknown][] => {
      const node = tree.get(xmlName(member, name));
      // SQS ignores a list or map whose parameter name has no number.
      const isIgnored = typeof node === "string" && (member.isListSchema() || member.isMapSchema());
      return node === undefined || isIgnored ? [] : [[name, memberValue(member, node)]];
    }),
  );
}

/** Converts a parameter to a member's value. `validateInput` later rejects a value of the wrong type. */
function memberValue(schema: NormalizedSchema, node: Tree | string): unknown {
  if (typeof node === "string") {
    const isNumber = schema.isNumericSchema() && node.trim() !== "" && !Number.isNaN(Number(node));
    return isNumber ? Number(node) : node;
  }
  if (schema.isStructSchema()) return structure(schema, node);
  if (schema.isListSchema()) return elements(node).map((element) => memberValue(schema.getValueSchema(), element));
  if (!schema.isMapSchema()) return {};
  const entries = elements(node).filter((entry) => entry instanceof Map);
  return Object.fromEntries(
    entries.map((entry) => [
      String(entry.get(xmlName(schema.getKeySchema()))),
      memberValue(schema.getValueSchema(), entry.get("Value") ?? ""),
    ]),
  );
}

/** Returns the elements, ordered by their numbers. */
function elements(tree: Tree): (Tree | string)[] {
  return [...tree].sort(([a], [b]) => Number(a) - Number(b)).map(([, element]) => element);
}

function membersXml(schema: NormalizedSchema, output: object): string {
  return membersOf(schema)
    .map(([name, member]) => {
      const value = (output as Record<string, unknown>)[name] ?? undefined;
      if (value === undefined) return "";
      const element = xmlName(member, name);
      if (member.isListSchema()) {
        return (value as unknown[]).map((one) => elementXml(member.getValueSchema(), element, one)).join("");
      }
      if (!member.isMapSchema()) return elementXml(member, element, value);
      const key = xmlName(member.getKeySchema());
      return Object.entries(value)
        .map(([entryKey, inner]) => {
          const content = elementXml(member.getValueSchema(), "Value", inner);
          return `<${element}><${key}>${escapeXml(entryKey)}</${key}>${content}</${element}>`;
        })
        .join("");
    })
    .join("");
}

function elementXml(schema: NormalizedSchema, name: string, value: unknown): string {
  const content = schema.isStructSchema() ? membersXml(schema, value as object) : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
}

/** Returns a member's name in the query protocol, such as `Attribute` for `Attributes`. */
function xmlName(schema: NormalizedSchema, name = ""): string {
  return String(schema.getMergedTraits().xmlName ?? name);
}
