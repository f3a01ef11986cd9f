import type { HandledMembers } from "./handled-members";
import { InvalidInput, NotSupported } from "./invalid-input";
import type { Member, Shape, Structure } from "./shape";

export type Scalar = Exclude<Shape, { type: "list" | "map" | "structure" }>;

/** Reads values in the format of a protocol. `Raw` is a value that is not decoded yet. */
export interface ValueReader<Raw> {
  /** @throws InvalidInput when the value has another type. */
  scalar(shape: Scalar, raw: Raw, path: string): unknown;
  elements(member: Member, raw: Raw, path: string): readonly Raw[];
  entries(member: Member, raw: Raw, path: string): readonly (readonly [key: string, value: Raw])[];
  /** Returns a member of a structure; undefined if it is absent. */
  member(raw: Raw, name: string, member: Member): Raw | undefined;
  /** @throws InvalidInput when the value cannot be a structure. */
  assertStructure(raw: Raw, path: string): void;
}

/**
 * Decodes a value by its schema.
 *
 * @throws InvalidInput when the value does not match its schema.
 * @throws NotSupported when the value has a member that is not handled.
 */
export function decode<Raw>(
  reader: ValueReader<Raw>,
  member: Member,
  raw: Raw,
  handled: HandledMembers,
  path: string,
): unknown {
  const { shape } = member;
  switch (shape.type) {
    case "structure":
      reader.assertStructure(raw, path);
      return decodeStructure(reader, shape, raw, handled, path);
    case "list":
      return reader
        .elements(member, raw, path)
        .map((element, index) => decode(reader, shape.member, element, handled, `${path}[${index}]`));
    case "map": {
      const values = Object.create(null) as Record<string, unknown>; // Has no `__proto__`, which may be a key.
      for (const [key, value] of reader.entries(member, raw, path)) {
        values[key] = decode(reader, shape.value, value, handled, `${path}.${key}`);
      }
      return values;
    }
    default:
      return reader.scalar(shape, raw, path);
  }
}

function decodeStructure<Raw>(
  reader: ValueReader<Raw>,
  { members, required }: Structure,
  raw: Raw,
  handled: HandledMembers,
  path: string,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const name in members) {
    const member = members[name] as Member;
    const inner = reader.member(raw, name, member);
    if (inner === undefined) continue;
    const memberPath = path === "" ? name : `${path}.${name}`;
    const nested = handled.get(name);
    const decoded = decode(reader, member, inner, nested ?? NONE, memberPath);
    if (nested === undefined && !isEmpty(decoded)) throw new NotSupported(memberPath);
    value[name] = decoded;
  }
  assertRequired(required, value, path);
  return value;
}

/** @throws InvalidInput when a required member is absent. */
export function assertRequired(required: readonly string[], value: Readonly<Record<string, unknown>>, path = ""): void {
  for (const name of required) {
    if (value[name] === undefined) throw InvalidInput.missing(path === "" ? name : `${path}.${name}`);
  }
}

const NONE: HandledMembers = new Map();

/** Returns whether a value has no effect: an empty list, map or structure. */
function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Date) && Object.keys(value).length === 0;
}

/** Matches the start of a date, such as `2026-01-31T`, or of a date of HTTP, such as `Sat, 31 Jan 2026`. */
const DATE = /^(?:[-+]?\d{4,6}-\d\d-\d\dT|[A-Z][a-z]+, \d)/;

/** Parses a timestamp in text: a date, a date of HTTP, or seconds since 1970. */
function timestampFrom(text: string, path: string): Date {
  const seconds = /^-?\d+(?:\.\d+)?$/.test(text);
  const date = new Date(seconds ? Math.round(Number(text) * 1_000) : DATE.test(text) ? text : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date;
  throw InvalidInput.type(path, "a timestamp");
}

/** Parses Base64, with or without padding. */
export function blobFrom(text: string, path: string): Buffer {
  const length = text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
  const isWhole = length === text.length ? length % 4 !== 1 : text.length % 4 === 0;
  if (isWhole && !/[^A-Za-z\d+/]/.test(text.slice(0, length))) return Buffer.from(text, "base64");
  throw InvalidInput.type(path, "Base64");
}

/** Matches a decimal number. */
const NUMBER = /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i;

/** Reads a scalar from text, as in forms, XML, headers and URLs. */
export function scalarFrom({ type }: Scalar, text: string, path: string): unknown {
  switch (type) {
    case "number":
      if (NUMBER.test(text) && Number.isFinite(Number(text))) return Number(text);
      throw InvalidInput.type(path, "a number");
    case "boolean":
      if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
      throw InvalidInput.type(path, "true or false");
    case "timestamp":
      return timestampFrom(text, path);
    case "blob":
      return blobFrom(text, path);
    default:
      return text;
  }
}
