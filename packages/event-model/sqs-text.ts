/** Characters that SQS refuses, because XML 1.0 does not allow them. */
const REFUSED_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Replaces characters that SQS refuses with JSON escapes. SNS delivers such characters, but SendMessage refuses them. */
export function escapeRefused(json: string): string {
  return json.replace(REFUSED_CHARACTER, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Replaces characters that SQS refuses with U+FFFD, in text that is not JSON. */
export function replaceRefused(text: string): string {
  return text.replace(REFUSED_CHARACTER, "\uFFFD");
}
