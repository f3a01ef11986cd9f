import { NO_CODE } from "../dlq/dead-letter-message";
import { lookInto } from "../dlq/look-into";
import type { Pipeline } from "../pipeline";

/** What is in the event processor's dead-letter queue, as far as it was looked at. */
export interface DeadLetterReasons {
  /** Letters by the code of their refusal, `none` for those whose receives were used up; most first. */
  readonly byCode: readonly { readonly code: string; readonly count: number }[];
  readonly looked: number;
  /** Whether those are all. */
  readonly whole: boolean;
}

/** Looks at `most` letters at most: each look counts as a receive, and the letters are given back at once. */
export async function deadLetterReasons(
  pipeline: Pipeline,
  most: number,
  signal: AbortSignal,
): Promise<DeadLetterReasons> {
  const counts = new Map<string, number>();
  let looked = 0;
  const { whole } = await lookInto(pipeline, undefined, {
    signal,
    onLetter: ({ code = NO_CODE }) => {
      counts.set(code, (counts.get(code) ?? 0) + 1);
      looked += 1;
      return looked === most ? "enough" : undefined;
    },
  });
  const byCode = [...counts].map(([code, count]) => ({ code, count })).sort((one, other) => other.count - one.count);
  return { byCode, looked, whole };
}
