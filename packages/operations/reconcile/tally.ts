/** Of the archived events of one type, how many are where. */
export interface Tally {
  archived: number;
  /** In the table, of this publication. */
  stored: number;
  /** In the table, of another publication of the same text, id and time. */
  folded: number;
  /** Refused by the handler: no item can hold them. */
  refused: number;
  /** Kept from the queue by the filter policy of its subscription, as it is now. */
  filtered: number;
  /** Not in the table, and by their time to live need not be. */
  expired: number;
  /** In the dead-letter queue, from where a redrive may store them. */
  deadLettered: number;
  /** In the queue still, as far as its count of messages explains it. */
  waiting: number;
  /** Nowhere. */
  missing: number;
  /** In the table, with other `data` than was published. */
  different: number;
}

function emptyTally(): Tally {
  return {
    archived: 0,
    stored: 0,
    folded: 0,
    refused: 0,
    filtered: 0,
    expired: 0,
    deadLettered: 0,
    waiting: 0,
    missing: 0,
    different: 0,
  };
}

/** Types that are counted apart; publishers choose them, so nothing else bounds them. */
const MAX_TYPES = 1_000;
const OTHER_TYPES = "(other types)";
/** For what the handler refuses, where it cannot tell a type. */
export const NO_TYPE = "(no type)";

/** Tallies by type. */
export class Tallies {
  private readonly byType = new Map<string, Tally>();

  of(type: string): Tally {
    const name = this.byType.has(type) || this.byType.size < MAX_TYPES ? type : OTHER_TYPES;
    const tally = this.byType.get(name) ?? emptyTally();
    this.byType.set(name, tally);
    return tally;
  }

  /** By type, in alphabetical order. */
  get all(): [type: string, tally: Tally][] {
    return [...this.byType].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  get total(): Tally {
    const total = emptyTally();
    for (const tally of this.byType.values()) {
      for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name];
    }
    return total;
  }
}
