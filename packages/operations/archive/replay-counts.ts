export const NO_COUNTS = {
  /** Events that were sent. In a dry run, events that would be sent. */
  sent: 0,
  /** Events that the table already has. */
  stored: 0,
  /** Events that do not match the queue's filter policy. */
  filtered: 0,
  expired: 0,
  refused: 0,
  /** Events whose type was not selected. */
  otherType: 0,
  /** Events whose MessageId belongs to another text in the table. */
  twoTexts: 0,
  failed: 0,
  /** Events that may have been sent, because the response was lost. */
  unconfirmed: 0,
};

/** The numbers of archived events that a replay sent, and of those that it did not send, by reason. */
export type ReplayCounts = typeof NO_COUNTS;

/** Returns the sum of two counts, member by member. */
export function sumOf(one: ReplayCounts, other: ReplayCounts): ReplayCounts {
  const sum = { ...one };
  for (const name of Object.keys(sum) as (keyof ReplayCounts)[]) sum[name] += other[name];
  return sum;
}
