/** Maximum length that an error quotes of a published value: enough to find it, and too little to leak an event. */
const MAX_QUOTED_CHARACTERS = 100;

/** Returns the beginning of a text, with an ellipsis if it is cut. */
export function excerpt(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}
