/** Maximum length of a quotation of a published value: enough to find the event, too little to expose its content. */
const MAX_QUOTED_CHARACTERS = 100;

/** Returns the text, cut to `maxCharacters` with an ellipsis if it is longer. */
export function excerpt(text: string, maxCharacters = MAX_QUOTED_CHARACTERS): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}
