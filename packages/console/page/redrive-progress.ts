import type { EventRow, RedriveResponse } from "../api";
import { formatCount } from "./format";

/** Number of times that each redriven event was a dead letter before the redrive, by message ID. */
export type DeadLettersBefore = ReadonlyMap<string, number>;

/** The state of redriven events. */
export interface RedriveProgress {
  readonly stored: number;
  /** Events that are dead letters again. */
  readonly deadAgain: readonly EventRow[];
  /** Number of events whose outcome is not known yet. */
  readonly waiting: number;
}

export function deadLettersBefore(rows: readonly EventRow[]): DeadLettersBefore {
  return new Map(rows.map(({ messageId, deadLetters }) => [messageId, deadLetters]));
}

/** @param rows - The current rows of the redriven events. */
export function redriveProgress(before: DeadLettersBefore, rows: readonly EventRow[]): RedriveProgress {
  const deadAgain = rows.filter(({ messageId, deadLetters }) => deadLetters > (before.get(messageId) ?? 0));
  const stored = rows.filter((row) => row.status === "stored" && !deadAgain.includes(row)).length;
  return { stored, deadAgain, waiting: rows.length - stored - deadAgain.length };
}

/** Describes what went wrong while the messages were sent back to the queue. */
export function redriveProblems({ notDeleted, failures, lost, stoppedBy }: RedriveResponse): string[] {
  return [
    ...(notDeleted > 0 ? [`${formatCount(notDeleted)} sent, but not deleted from the dead-letter queue`] : []),
    ...Object.entries(failures).map(([reason, number]) => `${formatCount(number)} not sent: ${reason}`),
    ...(lost > 0 ? [`${formatCount(lost)} received by another consumer`] : []),
    ...(stoppedBy === undefined ? [] : [stoppedBy]),
  ];
}
