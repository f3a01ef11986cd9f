import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { JsonNumber, type JsonValue } from "../json";
import { decimalBytes, fitsDynamodb, formatDecimal, parseDecimal } from "./decimal";

export interface SizedAttribute {
  /** The value in the format of DynamoDB's API. */
  readonly value: AttributeValue;
  /**
   * The size of the value, as DynamoDB counts it.
   *
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
   */
  readonly bytes: number;
}

/**
 * Maximum depth of nested lists and maps in a top-level attribute. DynamoDB allows 32 levels: the attribute is the first,
 * and the value in the innermost container is the last.
 */
const MAX_CONTAINERS = 31;
/** Maximum length of an attribute's name. */
const MAX_NAME_BYTES = 65_535;
/** Overhead of a list or map, and of each of its elements. */
const CONTAINER_BYTES = 3;
const ELEMENT_BYTES = 1;

/**
 * Converts a JSON value into an attribute value. Returns undefined if DynamoDB cannot hold the value exactly.
 *
 * @example
 * toAttribute(parseJson('{"n": 1.50}').value); // { value: { M: { n: { N: "15E-1" } } }, bytes: 8 }
 */
export function toAttribute(value: JsonValue): SizedAttribute | undefined {
  const converter = new Converter();
  const converted = converter.convert(value, 0);
  return converted === undefined ? undefined : { value: converted, bytes: converter.bytes };
}

/** Converts a value and counts its bytes in one pass, because an event can have many values. */
class Converter {
  bytes = 0;

  convert(value: JsonValue, containers: number): AttributeValue | undefined {
    if (typeof value === "string") return this.text(value);
    if (value instanceof JsonNumber) return this.number(value);
    if (value === null || typeof value === "boolean") {
      this.bytes += 1;
      return value === null ? { NULL: true } : { BOOL: value };
    }
    if (containers === MAX_CONTAINERS) return undefined;
    this.bytes += CONTAINER_BYTES;
    return Array.isArray(value) ? this.list(value, containers + 1) : this.map(value, containers + 1);
  }

  private text(value: string): AttributeValue | undefined {
    // UTF-8 cannot encode lone surrogates.
    if (!value.isWellFormed()) return undefined;
    this.bytes += Buffer.byteLength(value);
    return { S: value };
  }

  private number({ source }: JsonNumber): AttributeValue | undefined {
    const decimal = parseDecimal(source);
    if (!fitsDynamodb(decimal)) return undefined;
    this.bytes += decimalBytes(decimal);
    return { N: formatDecimal(decimal) };
  }

  private list(values: readonly JsonValue[], containers: number): AttributeValue | undefined {
    const list: AttributeValue[] = [];
    for (const value of values) {
      const element = this.convert(value, containers);
      if (element === undefined) return undefined;
      this.bytes += ELEMENT_BYTES;
      list.push(element);
    }
    return { L: list };
  }

  private map(members: ReadonlyMap<string, JsonValue>, containers: number): AttributeValue | undefined {
    const map: Record<string, AttributeValue> = {};
    for (const [name, value] of members) {
      const attribute = isAttributeName(name) ? this.convert(value, containers) : undefined;
      if (attribute === undefined) return undefined;
      this.bytes += ELEMENT_BYTES + Buffer.byteLength(name);
      map[name] = attribute;
    }
    return { M: map };
  }
}

/** Returns the size of a map of strings. */
export function mapBytes(values: Readonly<Record<string, string>>): number {
  let bytes = CONTAINER_BYTES;
  for (const [name, value] of Object.entries(values))
    bytes += ELEMENT_BYTES + Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}

/** Returns whether a map can have the key. Assigning to `__proto__` would set the object's prototype. */
export function isAttributeName(name: string): boolean {
  // A character takes at most three bytes of UTF-8 per UTF-16 unit.
  const fits = 3 * name.length <= MAX_NAME_BYTES || Buffer.byteLength(name) <= MAX_NAME_BYTES;
  return name !== "" && name !== "__proto__" && name.isWellFormed() && fits;
}
