/** The numbers of archived events, by what a replay did with them. All except `sent` were not sent. */
export interface ReplayCounts {
  /** Events that were sent; in a dry run, events that would be sent. */
  sent: number;
  /** Events that the table already has. */
  stored: number;
  /** Events that the queue's filter policy leaves out. */
  filtered: number;
  /** Events that have passed their expiry. */
  expired: number;
  /** Events that the handler refuses. */
  refused: number;
  /** Events of another type. */
  otherType: number;
  /** Events for which the table has another text with the same MessageId. */
  twoTexts: number;
  /** Events that the queue rejected. */
  failed: number;
}

export const NO_COUNTS: ReplayCounts = {
  sent: 0,
  stored: 0,
  filtered: 0,
  expired: 0,
  refused: 0,
  otherType: 0,
  twoTexts: 0,
  failed: 0,
};

/** Adds two counts, member by member. */
export function sumOf(one: ReplayCounts, other: ReplayCounts): ReplayCounts {
  const sum = { ...one };
  for (const name of Object.keys(sum) as (keyof ReplayCounts)[]) sum[name] += other[name];
  return sum;
}
