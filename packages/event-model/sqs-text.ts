/** What SQS refuses in a message: what XML 1.0 has no place for. */
const REFUSED_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** SNS delivers characters that SendMessage refuses; an envelope is JSON, where the escape means the same. */
export function escapeRefused(json: string): string {
  return json.replace(REFUSED_CHARACTER, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Text that is no JSON, with U+FFFD for what SQS refuses. */
export function withoutRefused(text: string): string {
  return text.replace(REFUSED_CHARACTER, "\uFFFD");
}
