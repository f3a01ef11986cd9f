/** Maximum number of characters that an error quotes: enough to find a value, too few to leak an event. */
const MAX_QUOTED_CHARACTERS = 100;

/** Returns the first characters of `text`, with an ellipsis if it was cut. */
export function excerpt(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}
