import { SaxesParser } from "saxes";
import { decode, scalarFrom, type ValueReader } from "./decode";
import type { HandledMembers } from "./handled-members";
import { InvalidInput } from "./invalid-input";
import type { Member, Shape } from "./shape";

/** An element of an XML document. */
export interface XmlElement {
  /** Name without its namespace prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** Maximum depth of elements. No AWS API needs more, and decoding is recursive. */
const MAX_DEPTH = 32;

/**
 * Parses an XML document.
 *
 * @returns the root element; undefined if the document is not well-formed or too deep.
 */
export function parseXml(text: string): XmlElement | undefined {
  // Only XML 1.1 has references to control characters, such as `&#x1;`, but clients send them without a version.
  return parseAs("1.0", text) ?? parseAs("1.1", text);
}

function parseAs(version: "1.0" | "1.1", text: string): XmlElement | undefined {
  const parser = new SaxesParser({ position: false, forceXMLVersion: true, defaultXMLVersion: version });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  parser.on("opentag", ({ name, attributes }) => {
    const element = {
      name: localName(name),
      attributes: new Map(Object.entries(attributes as Record<string, string>)),
      children: [],
      text: "",
    };
    // Ends the parser, which would take seconds to report each of many open elements.
    if (open.length >= MAX_DEPTH) throw new Error("The document is too deep.");
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (content: string) => {
    const element = open.at(-1);
    if (element) element.text += content;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => open.pop());
  try {
    parser.write(text).close(); // Throws the first error, because there is no handler for errors.
    return root;
  } catch {
    return undefined;
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** The elements of one member: several if the member is a flattened list. */
type Elements = readonly XmlElement[];

const READER: ValueReader<Elements> = {
  scalar(shape, [element, ...more], path) {
    if (!element || more.length > 0 || element.children.length > 0) throw InvalidInput.type(path, `one ${shape.type}`);
    return scalarFrom(shape, element.text, path);
  },
  elements({ shape, xmlFlattened }, raw) {
    if (xmlFlattened || shape.type !== "list") return raw.map((element) => [element]);
    const name = shape.member.xmlName ?? "member";
    return raw.flatMap(({ children }) => children.filter((child) => child.name === name)).map((element) => [element]);
  },
  entries({ shape, xmlFlattened }, raw, path) {
    if (shape.type !== "map") return [];
    const { xmlName: keyName = "key" } = shape.key;
    const { xmlName: valueName = "value" } = shape.value;
    const entries = xmlFlattened ? raw : raw.flatMap(({ children }) => children);
    return entries.map(({ children }) => {
      const key = children.find(({ name }) => name === keyName)?.text;
      if (key === undefined) throw InvalidInput.type(path, `a map with a ${keyName} in each entry`);
      return [key, children.filter(({ name }) => name === valueName)] as const;
    });
  },
  member([element], name, { xmlName, xmlAttribute }) {
    const wanted = xmlName ?? name;
    if (xmlAttribute) {
      const value = element?.attributes.get(wanted);
      return value === undefined ? undefined : [{ name, attributes: new Map(), children: [], text: value }];
    }
    const found = element?.children.filter((child) => child.name === wanted) ?? [];
    return found.length > 0 ? found : undefined;
  },
  assertStructure(raw, path) {
    const [element] = raw;
    const isStructure = raw.length === 1 && (element?.children.length !== 0 || element.text.trim() === "");
    if (!isStructure) throw InvalidInput.type(path, "one structure");
  },
};

/** Decodes an XML element. */
export function decodeXml(member: Member, element: XmlElement, handled: HandledMembers): object {
  return decode(READER, member, [element], handled, "") as object;
}

const ENTITIES: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;" };

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are escaped.
const ESCAPED = /[<>&"\u0000-\u001f\u007f]/;
const ALL_ESCAPED = new RegExp(ESCAPED, "g");

/**
 * Escapes text for XML. Control characters become references, as in AWS's responses. XML 1.0 does not allow such
 * references, but the AWS SDKs read them.
 */
export function escapeXml(text: string): string {
  // Most texts have nothing to escape, and a test is faster than a replacement.
  return ESCAPED.test(text) ? text.replace(ALL_ESCAPED, (it) => ENTITIES[it] ?? `&#${it.charCodeAt(0)};`) : text;
}

/** Formats a scalar for XML. */
function scalarText({ type }: Shape, value: unknown): string {
  if (type === "timestamp") return (value as Date).toISOString();
  if (type === "blob") return Buffer.from(value as Uint8Array).toString("base64");
  return escapeXml(String(value));
}

/** Returns a value as XML elements named `name`; none if the value is absent. */
export function encodeXml(name: string, member: Member, value: unknown): string {
  if (value === undefined || value === null) return "";
  const { shape, xmlFlattened } = member;
  switch (shape.type) {
    case "structure":
      return `<${name}${attributesOf(shape, value, member)}>${encodeMembers(shape, value)}</${name}>`;
    case "list": {
      const elementName = xmlFlattened ? name : (shape.member.xmlName ?? "member");
      const elements = (value as unknown[]).map((element) => encodeXml(elementName, shape.member, element)).join("");
      return xmlFlattened ? elements : `<${name}>${elements}</${name}>`;
    }
    case "map": {
      const entryName = xmlFlattened ? name : "entry";
      const entries = Object.entries(value)
        .map(
          ([key, inner]) =>
            `<${entryName}>${encodeXml(shape.key.xmlName ?? "key", shape.key, key)}${encodeXml(shape.value.xmlName ?? "value", shape.value, inner)}</${entryName}>`,
        )
        .join("");
      return xmlFlattened ? entries : `<${name}>${entries}</${name}>`;
    }
    default:
      return `<${name}>${scalarText(shape, value)}</${name}>`;
  }
}

type Structure = Extract<Shape, { type: "structure" }>;

/** Returns a structure's members as XML, without those in attributes. */
export function encodeMembers({ members }: Structure, value: object): string {
  let xml = "";
  for (const name in members) {
    const member = members[name] as Member;
    const inner = (value as Record<string, unknown>)[name];
    if (inner !== undefined && !member.xmlAttribute) xml += encodeXml(member.xmlName ?? name, member, inner);
  }
  return xml;
}

function attributesOf({ members }: Structure, value: object, { xmlNamespace }: Member): string {
  // The only attribute in AWS's XML is `xsi:type`, which needs a namespace.
  if (!xmlNamespace) return "";
  const [prefix, uri] = xmlNamespace;
  let attributes = ` xmlns${prefix && `:${prefix}`}="${uri}"`;
  for (const name in members) {
    const member = members[name] as Member;
    const text = (value as Record<string, unknown>)[name];
    if (member.xmlAttribute && text !== undefined) {
      attributes += ` ${member.xmlName ?? name}="${escapeXml(String(text))}"`;
    }
  }
  return attributes;
}
