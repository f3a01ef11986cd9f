import { blobFrom, decode, type ValueReader } from "./decode";
import type { HandledMembers } from "./handled-members";
import { InvalidInput } from "./invalid-input";
import type { Member, Shape } from "./shape";

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(raw: unknown): raw is JsonObject {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Uint8Array);
}

/** Reads parsed JSON. Null means that a member is absent. */
const READER: ValueReader<unknown> = {
  scalar({ type }, raw, path) {
    switch (type) {
      case "document":
        return raw;
      case "timestamp":
        if (typeof raw === "number" && Math.abs(raw) <= 8.64e12) return new Date(Math.round(raw * 1_000));
        throw InvalidInput.type(path, "a timestamp in seconds");
      case "blob":
        if (raw instanceof Uint8Array) return raw;
        if (typeof raw === "string") return blobFrom(raw, path);
        throw InvalidInput.type(path, "Base64");
      default:
        if (typeof raw === type && (type !== "number" || Number.isFinite(raw))) return raw;
        throw InvalidInput.type(path, type === "boolean" ? "true or false" : `a ${type}`);
    }
  },
  elements(_member, raw, path) {
    if (Array.isArray(raw)) return raw;
    throw InvalidInput.type(path, "a list");
  },
  entries(_member, raw, path) {
    if (isObject(raw)) return Object.entries(raw).filter(([, value]) => value !== null);
    throw InvalidInput.type(path, "a map");
  },
  member(raw, name) {
    return Object.hasOwn(raw as object, name) ? ((raw as JsonObject)[name] ?? undefined) : undefined;
  },
  assertStructure(raw, path) {
    if (!isObject(raw)) throw InvalidInput.type(path, "a JSON object");
  },
};

/** Decodes parsed JSON, or parsed CBOR. */
export function decodeJson(member: Member, raw: unknown, handled: HandledMembers): object {
  return decode(READER, member, raw, handled, "") as object;
}

/** Converts a value to what JSON.stringify accepts. */
export function encodeJson(member: Member, value: unknown): unknown {
  return encodeValue(member, value, jsonScalar);
}

/** Converts a value to one of the same structure. */
export function encodeValue({ shape }: Member, value: unknown, encodeScalar: typeof jsonScalar): unknown {
  if (value === undefined || value === null) return undefined;
  switch (shape.type) {
    case "structure": {
      const encoded: Record<string, unknown> = {};
      for (const name in shape.members) {
        const inner = encodeValue(shape.members[name] as Member, (value as JsonObject)[name], encodeScalar);
        if (inner !== undefined) encoded[name] = inner;
      }
      return encoded;
    }
    case "list":
      return (value as unknown[]).map((element) => encodeValue(shape.member, element, encodeScalar));
    case "map": {
      const entries = Object.entries(value);
      return Object.fromEntries(entries.map(([key, inner]) => [key, encodeValue(shape.value, inner, encodeScalar)]));
    }
    default:
      return encodeScalar(shape, value);
  }
}

function jsonScalar({ type }: Shape, value: unknown): unknown {
  if (type === "timestamp") return (value as Date).getTime() / 1_000;
  if (type === "blob") return Buffer.from(value as Uint8Array).toString("base64");
  return value;
}
