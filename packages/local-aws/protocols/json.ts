import { blobFrom, decode, type ValueReader } from "./decode";
import type { HandledMembers } from "./handled-members";
import { InvalidInput } from "./invalid-input";
import type { Member, Shape } from "./shape";

function isObject(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Uint8Array);
}

/** Creates a reader of parsed JSON. Null means that a member is absent. */
function jsonReader(useJsonName: boolean): ValueReader<unknown> {
  return {
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
    member(raw, name, { jsonName }) {
      const key = useJsonName ? (jsonName ?? name) : name;
      return Object.hasOwn(raw as object, key) ? ((raw as Record<string, unknown>)[key] ?? undefined) : undefined;
    },
    assertStructure(raw, path) {
      if (!isObject(raw)) throw InvalidInput.type(path, "a JSON object");
    },
  };
}

const JSON_READER = jsonReader(false);
const REST_JSON_READER = jsonReader(true);

/**
 * Decodes parsed JSON, or parsed CBOR.
 *
 * @param useJsonName - True for REST services.
 */
export function decodeJson(member: Member, raw: unknown, handled: HandledMembers, useJsonName = false): unknown {
  return decode(useJsonName ? REST_JSON_READER : JSON_READER, member, raw, handled, "");
}

/** Converts a value to what JSON.stringify accepts. */
export function encodeJson({ shape }: Member, value: unknown, useJsonName = false): unknown {
  if (value === undefined || value === null) return undefined;
  switch (shape.type) {
    case "structure": {
      const encoded: Record<string, unknown> = {};
      for (const name in shape.members) {
        const member = shape.members[name] as Member;
        const inner = (value as Record<string, unknown>)[name];
        if (inner !== undefined) {
          encoded[useJsonName ? (member.jsonName ?? name) : name] = encodeJson(member, inner, useJsonName);
        }
      }
      return encoded;
    }
    case "list":
      return (value as unknown[]).map((element) => encodeJson(shape.member, element, useJsonName));
    case "map":
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, encodeJson(shape.value, inner, useJsonName)]),
      );
    default:
      return encodeScalar(shape, value);
  }
}

function encodeScalar({ type }: Shape, value: unknown): unknown {
  if (type === "timestamp") return (value as Date).getTime() / 1_000;
  if (type === "blob") return Buffer.from(value as Uint8Array).toString("base64");
  return value;
}
