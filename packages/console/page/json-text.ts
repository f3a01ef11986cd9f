/** A string, a bracket, a separator, or another literal. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs;

/** Deeper levels are not indented further. */
const MAX_INDENT = 24;

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns JSON with line breaks and indentation, and any other text unchanged.
 * It keeps the tokens as written, because JSON.parse would round long numbers,
 * and does not recurse, because a text can be as deep as it is long.
 */
export function prettyJson(text: string): string {
  if (!isJson(text)) return text;
  const tokens = text.match(TOKEN) ?? [];
  const lines: string[] = [];
  let depth = 0;
  const newLine = () => `\n${"  ".repeat(Math.min(depth, MAX_INDENT))}`;
  tokens.forEach((token, index) => {
    const isEmpty = /[{[]/.test(tokens[index - 1] ?? "") && /[}\]]/.test(token);
    if (token === "{" || token === "[") {
      depth += 1;
      lines.push(
        token,
        /[}\]]/.test(tokens[index + 1] ?? "") && (tokens[index + 1] as string).length === 1 ? "" : newLine(),
      );
    } else if (token === "}" || token === "]") {
      depth -= 1;
      lines.push(isEmpty && (tokens[index - 1] as string).length === 1 ? token : newLine() + token);
    } else if (token === ",") lines.push(token, newLine());
    else lines.push(token === ":" ? ": " : token);
  });
  return lines.join("");
}

/** Returns JSON on one line with its tokens as written; undefined for any other text. */
export function oneLineJson(text: string): string | undefined {
  return isJson(text) ? (text.match(TOKEN) ?? []).join("") : undefined;
}
