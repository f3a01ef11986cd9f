/** The name of the map from event types to interfaces, which no event's interface can have. */
export const EVENT_TYPES = "EventTypes";

/** Names that are identifiers in TypeScript and in AsyncAPI. No two of them are alike. */
export class TypeNames {
  private readonly used = new Set([EVENT_TYPES]);

  /**
   * Returns a new name from the words in a text. A number distinguishes it from earlier names.
   *
   * @example
   * names.add("finding.new"); // "FindingNew"
   * names.add("finding-new"); // "FindingNew2"
   */
  add(text: string): string {
    const words = text
      .split(/[^\p{ID_Continue}]+|_+/u)
      .map((word) => word.replace(/^./u, (first) => first.toUpperCase()));
    const joined = words.join("");
    const name = /^\p{ID_Start}/u.test(joined) ? joined : `Event${joined}`;
    let unique = name;
    for (let number = 2; this.used.has(unique); number += 1) unique = `${name}${number}`;
    this.used.add(unique);
    return unique;
  }
}
