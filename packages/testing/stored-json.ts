import { JsonNumber, type JsonValue, parseJson } from "@event-pipeline/event-model/json";
import { exactly, type Written } from "./json-texts";

type Wire = Readonly<Record<string, unknown>>;

/** Normalizes numbers in a value, so that equal numbers compare equal. */
export function canonical(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return { number: exactly(value.source) };
  if (Array.isArray(value)) return value.map(canonical);
  return value instanceof Map ? new Map([...value].map(([key, inner]) => [key, canonical(inner)])) : value;
}

export function canonicalOfJson(text: string): unknown {
  return canonical(parseJson(text).value as JsonValue);
}

/** Converts a DynamoDB attribute value to the same normalized form. */
export function canonicalOfWire(wire: Wire): unknown {
  const [[type, value] = ["", undefined]] = Object.entries(wire);
  if (type === "N") return { number: exactly(String(value)) };
  if (type === "L") return (value as Wire[]).map(canonicalOfWire);
  if (type === "M")
    return new Map(Object.entries(value as Record<string, Wire>).map(([k, v]) => [k, canonicalOfWire(v)]));
  return type === "NULL" ? null : value;
}

/** Returns whether a value fits in a DynamoDB map, by DynamoDB's documented limits. */
export function mapCanHold(value: Written, level = 1): boolean {
  switch (value.kind) {
    case "literal":
      return true;
    case "string":
      return survivesUtf8(value.value);
    case "number": {
      const [digits = "", exponent = "0"] = exactly(value.text).replace(/^-/, "").split("e");
      const magnitude = digits.length - 1 + Number(exponent);
      return digits === "0" || (digits.length <= 38 && magnitude >= -130 && magnitude <= 125);
    }
    case "array":
      return level <= 31 && value.elements.every((element) => mapCanHold(element, level + 1));
    case "object": {
      const keys = value.members.map(([key]) => key.value);
      return (
        level <= 31 &&
        new Set(keys).size === keys.length &&
        keys.every((key) => key !== "" && key !== "__proto__" && survivesUtf8(key)) &&
        value.members.every(([, inner]) => mapCanHold(inner, level + 1))
      );
    }
  }
}

/** Returns whether UTF-8 can encode a text. It cannot encode lone surrogates. */
export function survivesUtf8(text: string): boolean {
  return Buffer.from(text).toString() === text;
}
