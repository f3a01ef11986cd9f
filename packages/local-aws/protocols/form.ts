import { decode, scalarFrom, type ValueReader } from "./decode";
import type { HandledMembers } from "./handled-members";
import { InvalidInput } from "./invalid-input";
import type { Member } from "./shape";

/** A parameter of a form, or the parameters below a name: `Entry.1.Id` is in `Entry`, then `1`, then `Id`. */
export interface FormNode {
  text?: string;
  nodes: Map<string, FormNode>;
}

/** Shared by the parameters that have none below them, which are most. */
const NO_NODES = new Map<string, FormNode>();

/** Maximum depth of a parameter's name. No AWS API needs more. */
const MAX_DEPTH = 12;

type Parameter = readonly [name: string, text: string];

/** Parses a form. URLSearchParams takes twice as long. */
export function parseForm(text: string): Parameter[] {
  return text.split("&").flatMap((part): Parameter[] => {
    if (part === "") return [];
    const index = part.indexOf("=");
    return [index === -1 ? [decoded(part), ""] : [decoded(part.slice(0, index)), decoded(part.slice(index + 1))]];
  });
}

function decoded(text: string): string {
  const spaced = text.replaceAll("+", " ");
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return new URLSearchParams(`=${text}`).get("") ?? ""; // Not UTF-8.
  }
}

/** Converts the parameters of a form to a tree. */
export function formTree(form: Iterable<Parameter>): FormNode {
  const root: FormNode = { nodes: NO_NODES };
  for (const [name, text] of form) {
    let node = root;
    for (const part of name.split(".", MAX_DEPTH)) {
      let next = node.nodes.get(part);
      if (!next) {
        next = { nodes: NO_NODES };
        if (node.nodes === NO_NODES) node.nodes = new Map();
        node.nodes.set(part, next);
      }
      node = next;
    }
    node.text = text;
  }
  return root;
}

function numbered({ nodes }: FormNode, path: string): FormNode[] {
  return [...nodes]
    .map(([name, node]) => {
      if (!/^\d{1,9}$/.test(name)) throw InvalidInput.type(path, "a list with numbered parameters");
      return [Number(name), node] as const;
    })
    .sort(([a], [b]) => a - b)
    .map(([, node]) => node);
}

const READER: ValueReader<FormNode> = {
  scalar(shape, { text, nodes }, path) {
    if (text === undefined || nodes.size > 0) throw InvalidInput.type(path, `a ${shape.type}`);
    return scalarFrom(shape, text, path);
  },
  elements({ shape, xmlFlattened }, raw, path) {
    if (xmlFlattened || shape.type !== "list") return numbered(raw, path);
    const list = raw.nodes.get(shape.member.xmlName ?? "member");
    return list ? numbered(list, path) : [];
  },
  entries({ shape, xmlFlattened }, raw, path) {
    if (shape.type !== "map") return [];
    const { xmlName: keyName = "key" } = shape.key;
    const { xmlName: valueName = "value" } = shape.value;
    const entries = xmlFlattened ? raw : raw.nodes.get("entry");
    return (entries ? numbered(entries, path) : []).map(({ nodes }) => {
      const [key, value] = [nodes.get(keyName)?.text, nodes.get(valueName)];
      if (key === undefined || value === undefined) {
        throw InvalidInput.type(path, `a map with a ${keyName} and a ${valueName} in each entry`);
      }
      return [key, value] as const;
    });
  },
  member({ nodes }, name, { xmlName }) {
    return nodes.get(xmlName ?? name);
  },
  assertStructure({ text, nodes }, path) {
    if (text !== undefined && nodes.size === 0) throw InvalidInput.type(path, "a structure");
  },
};

/** Decodes the parameters of a form. */
export function decodeForm(member: Member, form: FormNode, handled: HandledMembers): object {
  return decode(READER, member, form, handled, "") as object;
}
