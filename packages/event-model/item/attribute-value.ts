import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { JsonNumber, type JsonValue } from "../json";
import { decimalBytes, fitsDynamodb, formatDecimal, parseDecimal } from "./decimal";

/**
 * What the document client writes without loss. Maps rather than objects: of an
 * object it refuses the key `constructor`.
 */
export type AttributeValue = null | boolean | string | NumberValue | AttributeValue[] | AttributeMap;
export type AttributeMap = Map<string, AttributeValue>;

export interface SizedAttribute {
  readonly value: AttributeValue;
  /**
   * Bytes by DynamoDB's rule.
   *
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
   */
  readonly bytes: number;
}

/**
 * Containers within each other that a top-level attribute holds. DynamoDB
 * counts 32 levels with the attribute as the first, and the value inside the
 * innermost container is the last.
 */
const MAX_CONTAINERS = 31;
/** Bytes of an attribute's name. */
const MAX_NAME_BYTES = 65_535;
/** Bytes that a list or a map takes, and each of its elements besides its own. */
const CONTAINER_BYTES = 3;
const ELEMENT_BYTES = 1;

/** The value as an attribute, or undefined when DynamoDB could not hold it exactly. */
export function toAttribute(value: JsonValue): SizedAttribute | undefined {
  const converter = new Converter();
  const converted = converter.convert(value, 0);
  return converted === undefined ? undefined : { value: converted, bytes: converter.bytes };
}

/** Counts as it converts, so that the many values of an event are looked at once. */
class Converter {
  bytes = 0;

  convert(value: JsonValue, containers: number): AttributeValue | undefined {
    if (typeof value === "string") return this.text(value);
    if (value instanceof JsonNumber) return this.number(value);
    if (value === null || typeof value === "boolean") {
      this.bytes += 1;
      return value;
    }
    if (containers === MAX_CONTAINERS) return undefined;
    this.bytes += CONTAINER_BYTES;
    return Array.isArray(value) ? this.list(value, containers + 1) : this.map(value, containers + 1);
  }

  private text(value: string): string | undefined {
    // Half a surrogate pair has no form in UTF-8.
    if (!value.isWellFormed()) return undefined;
    this.bytes += Buffer.byteLength(value);
    return value;
  }

  private number({ source }: JsonNumber): NumberValue | undefined {
    const decimal = parseDecimal(source);
    if (!fitsDynamodb(decimal)) return undefined;
    this.bytes += decimalBytes(decimal);
    return NumberValue.from(formatDecimal(decimal));
  }

  private list(values: readonly JsonValue[], containers: number): AttributeValue[] | undefined {
    const list: AttributeValue[] = [];
    for (const value of values) {
      const element = this.convert(value, containers);
      if (element === undefined) return undefined;
      this.bytes += ELEMENT_BYTES;
      list.push(element);
    }
    return list;
  }

  private map(members: ReadonlyMap<string, JsonValue>, containers: number): AttributeMap | undefined {
    const map: AttributeMap = new Map();
    for (const [name, value] of members) {
      const nameBytes = Buffer.byteLength(name);
      const attribute = isAttributeName(name, nameBytes) ? this.convert(value, containers) : undefined;
      if (attribute === undefined) return undefined;
      this.bytes += ELEMENT_BYTES + nameBytes;
      map.set(name, attribute);
    }
    return map;
  }
}

/** The document client drops `__proto__` without a word, and DynamoDB names no attribute with nothing. */
function isAttributeName(name: string, bytes: number): boolean {
  return name !== "" && name !== "__proto__" && name.isWellFormed() && bytes <= MAX_NAME_BYTES;
}
