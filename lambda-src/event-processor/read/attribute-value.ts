import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { JsonNumber, type JsonValue } from "../../consumer/json";
import { decimalBytes, fitsDynamodb, formatDecimal, parseDecimal } from "./decimal";

/**
 * What the document client writes without loss. Maps rather than objects: of an
 * object it refuses the key `constructor`.
 */
export type AttributeValue = null | boolean | string | NumberValue | AttributeValue[] | AttributeMap;
export type AttributeMap = Map<string, AttributeValue>;

/**
 * Containers within each other that a top-level attribute holds. DynamoDB
 * counts 32 levels with the attribute as the first, and the value inside the
 * innermost container is the last.
 */
const MAX_CONTAINERS = 31;
/** Bytes of an attribute's name. */
const MAX_NAME_BYTES = 65_535;

/** The value as an attribute, or undefined when DynamoDB could not hold it exactly. */
export function toAttributeValue(value: JsonValue, containers = 0): AttributeValue | undefined {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return value.isWellFormed() ? value : undefined; // Half a surrogate pair has no form in UTF-8.
  if (value instanceof JsonNumber) {
    const decimal = parseDecimal(value.source);
    return fitsDynamodb(decimal) ? NumberValue.from(formatDecimal(decimal)) : undefined;
  }
  if (containers === MAX_CONTAINERS) return undefined;
  if (Array.isArray(value)) {
    const list = value.map((element) => toAttributeValue(element, containers + 1));
    return list.every((element) => element !== undefined) ? list : undefined;
  }
  const map: AttributeMap = new Map();
  for (const [name, inner] of value) {
    const attribute = isAttributeName(name) ? toAttributeValue(inner, containers + 1) : undefined;
    if (attribute === undefined) return undefined;
    map.set(name, attribute);
  }
  return map;
}

/** The document client drops `__proto__` without a word, and DynamoDB names no attribute with nothing. */
function isAttributeName(name: string): boolean {
  return name !== "" && name !== "__proto__" && name.isWellFormed() && Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

/**
 * Bytes of a value by DynamoDB's rule.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function attributeBytes(value: AttributeValue): number {
  if (value === null || typeof value === "boolean") return 1;
  if (typeof value === "string") return Buffer.byteLength(value);
  if (value instanceof NumberValue) return decimalBytes(parseDecimal(value.toString()));
  if (Array.isArray(value)) return value.reduce((bytes, element) => bytes + 1 + attributeBytes(element), 3);
  let bytes = 3;
  for (const [name, inner] of value) bytes += 1 + Buffer.byteLength(name) + attributeBytes(inner);
  return bytes;
}
