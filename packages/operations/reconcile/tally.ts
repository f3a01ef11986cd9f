const EMPTY = {
  archived: 0,
  /** Events whose item is from this publication. */
  stored: 0,
  /** Events whose item is from another publication of the same text, ID and time. */
  folded: 0,
  /** Events whose item has the key of an earlier handler, which read no numbers as times, or had another mapping. */
  formerKey: 0,
  refused: 0,
  /** Events that do not match the current filter policy of the queue's subscription. */
  filtered: 0,
  /** Events that are not in the table because they have expired. */
  expired: 0,
  deadLettered: 0,
  /** Events that are probably in the queue, according to the queue's count. */
  waiting: 0,
  /** Events that are in none of these places. */
  missing: 0,
  /** Events that are not in the table, and whose reason is not known. */
  unexplained: 0,
  /** Events in the table with different `data`. */
  different: 0,
};

/** The numbers of archived events of one type, by outcome. */
export type Tally = typeof EMPTY;

/** The maximum number of types that are counted separately, because publishers may use any number of types. */
const MAX_TYPES = 1_000;
const OTHER_TYPES = "(other types)";
/** The name under which events without a key are counted, because their type is unknown. */
export const NO_TYPE = "(no type)";

export class Tallies {
  private readonly byType = new Map<string, Tally>();

  of(type: string): Tally {
    const name = this.byType.has(type) || this.byType.size < MAX_TYPES ? type : OTHER_TYPES;
    const tally = this.byType.get(name) ?? { ...EMPTY };
    this.byType.set(name, tally);
    return tally;
  }

  /** The tallies, in alphabetical order of their types. */
  get all(): [type: string, tally: Tally][] {
    return [...this.byType].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  get total(): Tally {
    const total = { ...EMPTY };
    for (const tally of this.byType.values()) {
      for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name];
    }
    return total;
  }
}
