import { PARTS, type TracedHop } from "../api";

interface PartOfTrace {
  readonly part: string;
  /** The hops in the order of cause and effect, each with its time in epoch milliseconds. */
  readonly hops: readonly { readonly hop: TracedHop; readonly at: number }[];
}

/**
 * Groups an event's hops by part of the pipeline. An attempt is reported when it ends, but what it caused is reported before,
 * such as a dead letter. So an attempt comes before its dead letter, at the time at which it started.
 */
export function traceByPart(hops: readonly TracedHop[]): PartOfTrace[] {
  const others = hops.map(({ part }) => part).filter((part) => !(PARTS as readonly string[]).includes(part));
  const groups = [...PARTS, ...new Set(others)].map((part) => {
    const ordered: TracedHop[] = [];
    for (const hop of hops.filter((one) => one.part === part)) {
      const isAttempt = hop.kind === "processed" || hop.kind === "failed";
      ordered.splice(isAttempt && ordered.at(-1)?.kind === "dead-lettered" ? -1 : ordered.length, 0, hop);
    }
    let earliest = 0;
    const timed = ordered.map((hop) => {
      earliest = Math.max(earliest, hop.at - Number(hop.detail.ms ?? 0));
      return { hop, at: earliest };
    });
    return { part, hops: timed };
  });
  return groups.filter((group) => group.hops.length > 0);
}
