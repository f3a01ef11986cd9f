import { cbor, tag } from "@smithy/core/cbor";
import { encodeValue } from "./json";
import type { Member, Shape } from "./shape";

/** The tag of seconds since 1970: https://www.rfc-editor.org/rfc/rfc8949#section-3.4.2 */
const EPOCH_SECONDS = 1;

/**
 * Parses CBOR to the values of parsed JSON, but with bytes.
 *
 * @throws RangeError or another error when the bytes are not CBOR.
 */
export function parseCbor(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  const { warn } = console;
  // The decoder would warn of a length above 2^53 before it fails.
  console.warn = () => undefined;
  try {
    return plain(cbor.deserialize(body));
  } finally {
    console.warn = warn;
  }
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
  return cbor.serialize(encodeValue(member, value, cborScalar));
}

function cborScalar({ type }: Shape, value: unknown): unknown {
  return type === "timestamp" ? tag({ tag: EPOCH_SECONDS, value: (value as Date).getTime() / 1_000 }) : value;
}

/** Encodes an error as CBOR. */
export function cborError(type: string, message: string): Uint8Array {
  return cbor.serialize({ __type: type, message });
}
