import { isDeepStrictEqual } from "node:util";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import type { ProtocolName } from "../../protocols/protocol";
import type { Member, Shape, Structure } from "../../protocols/shape";

/** Levels of structures, lists and maps, because shapes may contain themselves. */
const MAX_DEPTH = 5;

/** Direction of values: to the service, in a request, or back. */
export type Direction = "input" | "output";

/** Generates values by a schema that the protocol can transport. */
export class Values {
  /** @param named - Values of members with these names, such as a bucket's. */
  constructor(
    private readonly protocol: ProtocolName,
    private readonly direction: Direction,
    private readonly named: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
  ) {}

  /** Generates all required and some optional members. */
  structure({ members, required }: Structure, depth = 0): fc.Arbitrary<Record<string, unknown>> {
    const names = Object.keys(members)
      .filter((name) => depth < MAX_DEPTH || required.includes(name))
      .filter((name, index, all) => !all.slice(index + 1).some((other) => this.isSameParameter(members, name, other)));
    const model = Object.fromEntries(names.map((name) => [name, this.member(name, members[name] as Member, depth)]));
    return fc.record(model, { requiredKeys: [...required], noNullPrototype: true });
  }

  /** Returns whether two members have the same name in forms, as two of ReceiveMessage have. */
  private isSameParameter(members: Structure["members"], one: string, other: string): boolean {
    const nameOf = (name: string) => members[name]?.xmlName ?? name;
    return this.protocol === "query" && this.direction === "input" && nameOf(one) === nameOf(other);
  }

  member(name: string, member: Member, depth = 0): fc.Arbitrary<unknown> {
    const { [name]: named } = this.named;
    if (named && member.shape.type === "string") return named;
    if (member.httpLabel) return this.label(member);
    if (member.httpPrefixHeaders !== undefined) {
      return fc.dictionary(fc.stringMatching(/^[a-z][a-z\d-]{0,8}$/), headerText, { minKeys: 1, maxKeys: 3 });
    }
    if (member.httpHeader !== undefined) return inHeader(member.shape);
    if (member.httpResponseCode) return fc.constantFrom(200, 202);
    // Clients leave an empty text out.
    if (member.httpPayload && member.shape.type === "string") return this.text(1);
    if (member.httpQuery !== undefined && member.shape.type === "list") {
      return fc.array(this.text(1), { minLength: 1, maxLength: 3 });
    }
    return this.value(member.shape, depth);
  }

  private label({ shape }: Member): fc.Arbitrary<unknown> {
    if (shape.type === "number") return fc.nat();
    return unicodeText({ minLength: 1, maxLength: 12 }).filter((text) => !/^\.|\/|^$/.test(text));
  }

  private value(shape: Shape, depth: number): fc.Arbitrary<unknown> {
    switch (shape.type) {
      case "structure": {
        const structure = this.structure(shape, depth + 1);
        // In a form, an empty structure is absent.
        const isForm =
          this.protocol === "query" &&
          this.direction === "input" &&
          depth + 1 < MAX_DEPTH &&
          Object.keys(shape.members).length > 0;
        return isForm ? structure.filter((it) => Object.keys(it).length > 0) : structure;
      }
      case "list":
        return fc.array(this.value(shape.member.shape, depth), { minLength: 1, maxLength: 3 });
      case "map":
        return fc.dictionary(this.key(), this.value(shape.value.shape, depth), {
          minKeys: 1,
          maxKeys: 3,
          noNullPrototype: true,
        });
      case "blob":
        return fc.uint8Array({ maxLength: 40 });
      case "boolean":
        return fc.boolean();
      case "number":
        return fc.oneof(
          fc.nat(),
          fc.integer({ min: -1_000, max: 1_000 }).map((value) => value / 8),
        );
      case "timestamp":
        return shape.format === "http-date" ? wholeSeconds : date;
      default:
        return this.text();
    }
  }

  private key(): fc.Arbitrary<string> {
    const keys = fc.oneof(fc.constantFrom("__proto__", "constructor", "a.b", "entry"), this.text(1));
    // The SDK loses it in CBOR and in outputs.
    return this.protocol === "cbor" || this.direction === "output" ? keys.filter((key) => key !== "__proto__") : keys;
  }

  private text(minLength = 0): fc.Arbitrary<string> {
    const text = unicodeText({ minLength, maxLength: 20 });
    const isXml = this.protocol === "rest-xml" || (this.protocol === "query" && this.direction === "output");
    if (!isXml) return text;
    // The SDK drops texts of white space only.
    if (this.direction === "output") return text.filter((it) => it === "" || it.trim() !== "");
    // No client can send control characters in XML.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point.
    return text.filter((it) => !/[\u0000-\u001f\ufffe\uffff]/.test(it));
  }
}

const date = fc.date({ min: new Date(0), max: new Date("2199-01-01"), noInvalidDate: true });

const wholeSeconds = date.map((it) => new Date(Math.floor(it.getTime() / 1_000) * 1_000));

/** Text that a header can have. */
const headerText = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/);

/** An element of a list in a header. All such lists have elements like `ObjectSize`, which need no quotes. */
const headerElement = fc.stringMatching(/^[A-Za-z]{1,10}$/);

function inHeader(shape: Shape): fc.Arbitrary<unknown> {
  if (shape.type === "timestamp") return wholeSeconds;
  if (shape.type === "boolean") return fc.boolean();
  if (shape.type === "number") return fc.nat();
  return shape.type === "list" ? fc.array(headerElement, { minLength: 1, maxLength: 3 }) : headerText;
}

/** Converts values to ones that can be compared. Empty lists, maps, structures and payloads are absent in some protocols. */
export function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return value.length === 0 ? undefined : Buffer.from(value).toString("hex");
  if (Array.isArray(value)) {
    const elements = Array.from(value, (element) => comparable(element) ?? {});
    return elements.every((element) => isDeepStrictEqual(element, {})) ? undefined : elements;
  }
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const members = Object.entries(value)
    .map(([name, inner]) => [name, comparable(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
