export const NO_COUNTS = {
  /** Events that were sent; in a dry run, events that would be sent. */
  sent: 0,
  /** Events that the table already has. */
  stored: 0,
  /** Events that the queue's filter policy leaves out. */
  filtered: 0,
  /** Events that have passed their expiry. */
  expired: 0,
  /** Events that the handler refuses. */
  refused: 0,
  /** Events of another type. */
  otherType: 0,
  /** Events for which the table has another text with the same MessageId. */
  twoTexts: 0,
  /** Events that the queue rejected. */
  failed: 0,
};

/** The numbers of archived events, by what a replay did with them. All except `sent` were not sent. */
export type ReplayCounts = typeof NO_COUNTS;

/** Adds two counts, member by member. */
export function sumOf(one: ReplayCounts, other: ReplayCounts): ReplayCounts {
  const sum = { ...one };
  for (const name of Object.keys(sum) as (keyof ReplayCounts)[]) sum[name] += other[name];
  return sum;
}
