/** Characters of a published value that an error may quote: enough to find it, too few to leak an event. */
const MAX_QUOTED_CHARACTERS = 100;

/** The first characters of `text`, with an ellipsis where it was cut. */
export function excerpt(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}
