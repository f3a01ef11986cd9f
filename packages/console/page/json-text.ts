/** A string, or what stands between strings. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs;

/** Levels that are still indented further; deeper ones stay where they are. */
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
 * JSON on lines of its own, its tokens as they were written: parsed and written
 * again, a long number would be another one. Without recursion, for a text may
 * be as deep as it is long. What is no JSON stays as it is.
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

/** JSON on one line, its tokens as they were written; undefined for what is no JSON. */
export function oneLineJson(text: string): string | undefined {
  return isJson(text) ? (text.match(TOKEN) ?? []).join("") : undefined;
}
