/** Matches a JSON token. An empty object or array counts as one token. */
const TOKEN = /"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s"{}[\],:]+/gs;

/** Maximum number of levels of indentation. */
const MAX_INDENT = 24;

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns the JSON's tokens as written. JSON.parse would round long numbers. */
function tokensOf(text: string): string[] {
  return (text.match(TOKEN) ?? []).map((token) => (/^[{[]/.test(token) ? token.replace(/\s/g, "") : token));
}

/**
 * Returns JSON with line breaks and indentation; text that is not JSON unchanged.
 * It does not recurse, because deeply nested JSON would overflow the stack.
 */
export function prettyJson(text: string): string {
  if (!isJson(text)) return text;
  let depth = 0;
  const newLine = () => `\n${"  ".repeat(Math.min(depth, MAX_INDENT))}`;
  const format = (token: string) => {
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (token === "}" || token === "]") return newLine() + token;
    if (token === "{" || token === "[" || token === ",") return token + newLine();
    return token === ":" ? ": " : token;
  };
  return tokensOf(text).map(format).join("");
}
