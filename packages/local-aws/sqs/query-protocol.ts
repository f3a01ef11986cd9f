import { randomUUID } from "node:crypto";
import { escapeXml } from "../protocols/escape-xml";

/** Lists by the name of their elements: `Name.1`, `Name.2`. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeName: "AttributeNames",
  ChangeMessageVisibilityBatchRequestEntry: "Entries",
  DeleteMessageBatchRequestEntry: "Entries",
  MessageAttributeName: "MessageAttributeNames",
  MessageSystemAttributeName: "MessageSystemAttributeNames",
  SendMessageBatchRequestEntry: "Entries",
  TagKey: "TagKeys",
};

/** Maps by the name of their entries, with the member of the key: `Attribute.1.Name` and `Attribute.1.Value`. */
const MAPS: Readonly<Record<string, readonly [map: string, key: string]>> = {
  Attribute: ["Attributes", "Name"],
  MessageAttribute: ["MessageAttributes", "Name"],
  MessageSystemAttribute: ["MessageSystemAttributes", "Name"],
  Tag: ["Tags", "Key"],
};

const NUMBERS = new Set([
  "DelaySeconds",
  "MaxNumberOfMessages",
  "MaxNumberOfMessagesPerSecond",
  "MaxResults",
  "VisibilityTimeout",
  "WaitTimeSeconds",
]);

/** Element names of the lists and maps in responses, by action if they differ. */
const ELEMENTS: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  Attributes: "Attribute",
  Failed: "BatchResultErrorEntry",
  MessageAttributes: "MessageAttribute",
  Messages: "Message",
  QueueUrls: "QueueUrl",
  queueUrls: "QueueUrl",
  Results: "ListMessageMoveTasksResultEntry",
  Successful: {
    ChangeMessageVisibilityBatch: "ChangeMessageVisibilityBatchResultEntry",
    DeleteMessageBatch: "DeleteMessageBatchResultEntry",
    SendMessageBatch: "SendMessageBatchResultEntry",
  },
  Tags: "Tag",
};

/** The tree of parameters: `a.1.b=x`. */
type Tree = Map<string, Tree | string>;

/** Maximum depth of SQS's members. */
const MAX_DEPTH = 8;

/** Converts the parameters of the query protocol to the input of the JSON protocol. */
export function fromQuery(action: string, form: URLSearchParams): object {
  const input = structure(treeOf(form)) as Record<string, unknown>;
  // Only CreateQueue has this member in lower case.
  if (action !== "CreateQueue" || !input.Tags) return input;
  const { Tags: tags, ...rest } = input;
  return { ...rest, tags };
}

/** Converts a response to the query protocol's XML. */
export function toQuery(action: string, output: object): string {
  const result = members(action, output);
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

/** Converts a number, and leaves other text to the validation of the input. */
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

/** Returns the elements in the order of their numbers. */
function elements(tree: Tree): (Tree | string)[] {
  return [...tree].sort(([a], [b]) => Number(a) - Number(b)).map(([, element]) => element);
}

function members(action: string, output: object): string {
  return Object.entries(output)
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
