import { cbor, tag } from "@smithy/core/cbor";
import type { Member } from "./shape";

/** The tag of seconds since 1970: https://www.rfc-editor.org/rfc/rfc8949#section-3.4.2 */
const EPOCH_SECONDS = 1;

/**
 * Parses CBOR to the values of parsed JSON, but with bytes.
 *
 * @throws RangeError or another error when the bytes are not CBOR.
 */
export function parseCbor(body: Uint8Array): unknown {
  return body.length === 0 ? {} : plain(cbor.deserialize(body));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if ("tag" in value && value.tag === EPOCH_SECONDS && "value" in value) return Number(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Encodes an output as CBOR. */
export function toCbor(member: Member, value: unknown): Uint8Array {
  return cbor.serialize(tagged(member, value));
}

function tagged({ shape }: Member, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  switch (shape.type) {
    case "structure":
      return Object.fromEntries(
        Object.entries(shape.members)
          .map(([name, member]) => [name, tagged(member, (value as Record<string, unknown>)[name])] as const)
          .filter(([, inner]) => inner !== undefined),
      );
    case "list":
      return (value as unknown[]).map((element) => tagged(shape.member, element));
    case "map":
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tagged(shape.value, inner)]));
    case "timestamp":
      return tag({ tag: EPOCH_SECONDS, value: (value as Date).getTime() / 1_000 });
    default:
      return value;
  }
}

/** Encodes an error as CBOR. */
export function cborError(type: string, message: string): Uint8Array {
  return cbor.serialize({ __type: type, message });
}
