const EMPTY = {
  archived: 0,
  /** Events in the table, from this publication. */
  stored: 0,
  /** Events in the table, from another publication of the same text, id and time. */
  folded: 0,
  /** Events that the handler refuses. */
  refused: 0,
  /** Events that the current filter policy of the queue's subscription leaves out. */
  filtered: 0,
  /** Events that are not in the table and past their expiry. */
  expired: 0,
  /** Events in the dead-letter queue. */
  deadLettered: 0,
  /** Events that are probably still in the queue, according to its count. */
  waiting: 0,
  missing: 0,
  /** Events in the table with different `data`. */
  different: 0,
};

/** The numbers of archived events of one type, by where they were found. */
export type Tally = typeof EMPTY;

/** Types that are counted separately. Publishers choose types, so nothing else limits their number. */
const MAX_TYPES = 1_000;
const OTHER_TYPES = "(other types)";
/** The row for events whose type is unknown because the handler refuses them. */
export const NO_TYPE = "(no type)";

/** Tallies by event type. */
export class Tallies {
  private readonly byType = new Map<string, Tally>();

  of(type: string): Tally {
    const name = this.byType.has(type) || this.byType.size < MAX_TYPES ? type : OTHER_TYPES;
    const tally = this.byType.get(name) ?? { ...EMPTY };
    this.byType.set(name, tally);
    return tally;
  }

  /** The tallies in the alphabetical order of their types. */
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
