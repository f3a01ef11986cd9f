import { createScanner } from "jsonc-parser";

/** A number as it stands in the text: JSON puts no bounds to its digits, a double does. */
export class JsonNumber {
  constructor(readonly source: string) {}
}

export type JsonObject = Map<string, JsonValue>;
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;

export interface ParsedJson {
  readonly value: JsonValue;
  /** Whether an object of the text has a key twice; `value` has the last, as `JSON.parse` would. */
  readonly hasDuplicateKeys: boolean;
}

/**
 * Reads JSON without loss: numbers keep their digits, and objects are Maps,
 * which hold `__proto__` like any other key.
 *
 * It keeps a stack of its own, because a message has room for 100,000 levels
 * and recursion would end the process's.
 *
 * @throws SyntaxError when `text` is not JSON.
 */
export function parseJson(text: string): ParsedJson {
  // The scanner takes comments and more; JSON.parse holds the text to RFC 8259.
  JSON.parse(text);

  const builder = new JsonBuilder();
  const scanner = createScanner(text, true);
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    if (offset >= text.length) return builder;
    switch (text[offset]) {
      case "{":
        builder.open(new Map());
        break;
      case "[":
        builder.open([]);
        break;
      case "}":
      case "]":
        builder.close();
        break;
      case ",":
      case ":":
        break;
      case '"':
        builder.addString(scanner.getTokenValue());
        break;
      case "t":
        builder.add(true);
        break;
      case "f":
        builder.add(false);
        break;
      case "n":
        builder.add(null);
        break;
      default:
        builder.add(new JsonNumber(scanner.getTokenValue()));
    }
  }
}

/** Where the next value belongs. */
interface Frame {
  readonly container: JsonObject | JsonValue[];
  /** Key that waits for its value. */
  key?: string | undefined;
}

class JsonBuilder implements ParsedJson {
  value: JsonValue = null;
  hasDuplicateKeys = false;
  private readonly frames: Frame[] = [];

  open(container: JsonObject | JsonValue[]): void {
    this.add(container);
    this.frames.push({ container });
  }

  close(): void {
    this.frames.pop();
  }

  addString(text: string): void {
    const frame = this.frames.at(-1);
    if (frame?.container instanceof Map && frame.key === undefined) frame.key = text;
    else this.add(text);
  }

  add(value: JsonValue): void {
    const frame = this.frames.at(-1);
    if (!frame) {
      this.value = value;
    } else if (Array.isArray(frame.container)) {
      frame.container.push(value);
    } else {
      const key = frame.key as string;
      this.hasDuplicateKeys ||= frame.container.has(key);
      frame.container.set(key, value);
      frame.key = undefined;
    }
  }
}
