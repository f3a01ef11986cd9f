import { excerpt } from "./excerpt";

/** Told of what stands in a JSON text, in its order, by offsets: `end` is the first behind it. */
export interface JsonVisitor {
  open(isObject: boolean, start: number): void;
  close(end: number): void;
  /** The name, quotes included, of the member whose value comes next. */
  name(start: number, end: number): void;
  /** A string, number or literal. */
  scalar(start: number, end: number): void;
}

/** What may come next, in the words of an error. */
type Expected =
  | "a value"
  | "a value or ]"
  | "a name"
  | "a name or }"
  | "a colon"
  | "a comma or ]"
  | "a comma or }"
  | "the end";

const codesOf = (characters: string): ReadonlySet<number> => new Set([...characters].map((each) => each.charCodeAt(0)));

const WHITE_SPACE = codesOf(" \t\n\r");
/** What may stand behind a backslash alone. An envelope escapes each quote of its message, so this is asked often. */
const SHORT_ESCAPES = codesOf('"\\/bfnrt');
const UNICODE_ESCAPE = /u[\da-fA-F]{4}/y;
const NUMBER_OR_LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Control characters, which are below it, stand in no string. */
const SPACE = 0x20;
/** Characters of a text that an error shows. */
const MAX_FOUND = 20;

/**
 * Walks through a JSON text. It takes exactly what `JSON.parse` takes, in time
 * and memory that grow with the text alone, whatever stands in it: `JSON.parse`
 * itself takes a hundred times longer for some texts than for others, as it
 * makes the objects of them.
 *
 * It keeps a stack of its own, because a message has room for 500,000 levels
 * and recursion would end the process's.
 *
 * @throws SyntaxError that says what was expected where, when `text` is not JSON.
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function walkJson(text: string, visitor: JsonVisitor): void {
  /** Of each container that is open, whether it is an object. */
  const open: boolean[] = [];
  let expected: Expected = "a value";
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? "the end" : open.at(-1) ? "a comma or }" : "a comma or ]");

  for (;;) {
    while (WHITE_SPACE.has(text.charCodeAt(at))) at += 1;
    const first = text[at];
    const isValue = expected === "a value" || expected === "a value or ]";
    // Whoever finds the token in its place goes on; all others end below.
    switch (first) {
      case "{":
      case "[":
        if (!isValue) break;
        visitor.open(first === "{", at);
        open.push(first === "{");
        expected = first === "{" ? "a name or }" : "a value or ]";
        at += 1;
        continue;
      case "}":
      case "]":
        if (expected !== `a comma or ${first}` && expected !== (first === "}" ? "a name or }" : "a value or ]")) break;
        at += 1;
        visitor.close(at);
        open.pop();
        expected = afterValue();
        continue;
      case ",":
        if (expected !== "a comma or ]" && expected !== "a comma or }") break;
        expected = expected === "a comma or }" ? "a name" : "a value";
        at += 1;
        continue;
      case ":":
        if (expected !== "a colon") break;
        expected = "a value";
        at += 1;
        continue;
      case '"': {
        const isName: boolean = expected === "a name" || expected === "a name or }";
        if (!isName && !isValue) break;
        const end = endOfString(text, at);
        if (isName) visitor.name(at, end);
        else visitor.scalar(at, end);
        expected = isName ? "a colon" : afterValue();
        at = end;
        continue;
      }
      case undefined:
        if (expected === "the end") return;
        break;
      default: {
        const end = isValue ? endOf(NUMBER_OR_LITERAL, text, at) : at;
        if (end === at) break;
        visitor.scalar(at, end);
        expected = afterValue();
        at = end;
        continue;
      }
    }
    throw unexpected(expected, text, at);
  }
}

/** Where the match at `start` ends; `start` when there is none. */
function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    // Not a number behind the end.
    if (!(code >= SPACE)) throw unexpected("a closing quote", text, at);
    if (code === BACKSLASH) {
      const end = SHORT_ESCAPES.has(text.charCodeAt(at + 1)) ? at + 2 : endOf(UNICODE_ESCAPE, text, at + 1);
      if (end === at + 1) throw unexpected("an escape", text, at + 1);
      at = end;
    } else {
      at += 1;
    }
  }
}

function unexpected(expected: string, text: string, at: number): SyntaxError {
  const found = excerpt(text.slice(at, at + MAX_FOUND + 1), MAX_FOUND);
  const what = at < text.length ? `it has ${JSON.stringify(found)}` : "it ends";
  return new SyntaxError(`${what} at character ${at + 1}, where JSON has ${expected}`);
}
