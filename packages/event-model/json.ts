import { type JsonVisitor, walkJson } from "./json-grammar";

/** A number as it stands in the text: JSON puts no bounds to its digits, a double does. */
export class JsonNumber {
  constructor(readonly source: string) {}
}

/** An object or an array that was read over; its text stands for it. */
export class JsonSource {
  constructor(readonly source: string) {}
}

export type JsonScalar = null | boolean | string | JsonNumber;
export type JsonObject = Map<string, JsonValue>;
export type JsonValue = JsonScalar | JsonValue[] | JsonObject;
export type JsonMember = JsonScalar | JsonSource;

export interface ParseJsonProps {
  /**
   * Names of members of the outermost object to return apart, however large the text is.
   * @default - none
   */
  readonly members?: readonly string[];
  /**
   * Most values, objects and arrays among them, that a tree is built of; a
   * text of one MiB may hold half a million.
   * @default - a tree is built of any text
   */
  readonly maxValues?: number;
}

export interface ParsedJson {
  readonly isObject: boolean;
  /** The members that were asked for and are there; of two of one name the last, as `JSON.parse` takes. */
  readonly members: ReadonlyMap<string, JsonMember>;
  /** Values in the text, objects and arrays among them. */
  readonly valueCount: number;
  /** The text as a tree; undefined when that would have more than the most values. */
  readonly value: JsonValue | undefined;
  /** Whether an object of the tree has a key twice; the tree has the last. */
  readonly hasDuplicateKeys: boolean;
}

/**
 * Reads JSON without loss: numbers keep their digits, and objects are Maps,
 * which hold `__proto__` like any other key.
 *
 * @throws SyntaxError when `text` is not JSON.
 */
export function parseJson(text: string, props: ParseJsonProps = {}): ParsedJson {
  const reader = new JsonReader(text, props);
  walkJson(text, reader);
  return reader;
}

/** Where the next value of the tree belongs. */
interface Frame {
  readonly container: JsonObject | JsonValue[];
  /** Key that waits for its value. */
  key?: string;
}

class JsonReader implements JsonVisitor, ParsedJson {
  isObject = false;
  readonly members = new Map<string, JsonMember>();
  valueCount = 0;
  value: JsonValue | undefined;
  hasDuplicateKeys = false;
  private readonly wanted: ReadonlySet<string>;
  private readonly maxValues: number;
  private depth = 0;
  /** The wanted member whose value comes next, and where that starts. */
  private member: string | undefined;
  private memberStart = 0;
  private frames: Frame[] = [];

  constructor(
    private readonly text: string,
    { members = [], maxValues = Number.POSITIVE_INFINITY }: ParseJsonProps,
  ) {
    this.wanted = new Set(members);
    this.maxValues = maxValues;
  }

  open(isObject: boolean, start: number): void {
    if (this.depth === 0) this.isObject = isObject;
    if (this.depth === 1) this.memberStart = start;
    this.depth += 1;
    if (!this.isCounted()) return;
    const container: JsonObject | JsonValue[] = isObject ? new Map() : [];
    this.add(container);
    this.frames.push({ container });
  }

  close(end: number): void {
    this.depth -= 1;
    this.frames.pop();
    if (this.depth === 1 && this.member !== undefined)
      this.keep(new JsonSource(this.text.slice(this.memberStart, end)));
  }

  name(start: number, end: number): void {
    const frame = this.frames.at(-1);
    if (!frame && this.depth > 1) return;
    const name = stringOf(this.text.slice(start, end));
    if (frame) frame.key = name;
    if (this.depth === 1 && this.wanted.has(name)) this.member = name;
  }

  scalar(start: number, end: number): void {
    const isCounted = this.isCounted();
    if (!isCounted && this.member === undefined) return;
    const value = scalarOf(this.text.slice(start, end));
    if (isCounted) this.add(value);
    this.keep(value);
  }

  private keep(value: JsonMember): void {
    if (this.depth !== 1 || this.member === undefined) return;
    this.members.set(this.member, value);
    this.member = undefined;
  }

  /** Counts a value, and says whether it belongs to the tree; at the first too many there is none any more. */
  private isCounted(): boolean {
    this.valueCount += 1;
    if (this.valueCount <= this.maxValues) return true;
    this.value = undefined;
    this.frames = [];
    return false;
  }

  private add(value: JsonValue): void {
    const frame = this.frames.at(-1);
    if (!frame) {
      this.value = value;
    } else if (Array.isArray(frame.container)) {
      frame.container.push(value);
    } else {
      const key = frame.key as string;
      this.hasDuplicateKeys ||= frame.container.has(key);
      frame.container.set(key, value);
    }
  }
}

function scalarOf(source: string): JsonScalar {
  switch (source[0]) {
    case '"':
      return stringOf(source);
    case "n":
      return null;
    case "t":
      return true;
    case "f":
      return false;
    default:
      return new JsonNumber(source);
  }
}

function stringOf(source: string): string {
  return source.includes("\\") ? (JSON.parse(source) as string) : source.slice(1, -1);
}
