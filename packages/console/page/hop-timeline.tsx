import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import type { EventDetail } from "../api";
import { clock, count, duration } from "./format";

const NAMES: Readonly<Record<HopKind, string>> = {
  published: "Published",
  filtered: "Filtered out",
  queued: "Queued",
  processed: "Processed",
  stored: "Stored",
  failed: "Attempt failed",
  "dead-lettered": "Dead letter",
  archived: "Archived",
};

/** The way of an event, a line a hop. */
export function HopTimeline({ detail: { hops, earlierHops, row } }: { readonly detail: EventDetail }) {
  return (
    <section>
      <h3>Way</h3>
      <ol class="timeline">
        {hops.map((hop, index) => (
          // Hops are only ever added behind the others.
          <li key={index} class={`hop hop-${hop.kind}`}>
            <span class="hop-name">
              {NAMES[hop.kind]}
              {hop.detail.attempt !== undefined && <span class="attempt"> attempt {hop.detail.attempt}</span>}
            </span>
            <time class="hop-time" title={clock(hop.at)}>
              {index === 0 ? clock(hop.at) : `+${duration(hop.at - row.at)}`}
            </time>
            <span class="hop-detail">{detailText(hop)}</span>
            {hop.detail.reason !== undefined && <span class="hop-reason">{hop.detail.reason}</span>}
          </li>
        ))}
      </ol>
      {earlierHops > 0 && <p class="note">{count(earlierHops)} hops in between are no longer kept.</p>}
    </section>
  );
}

/** What else the hop says, the values alone where they speak for themselves. */
function detailText({ detail }: Hop): string {
  const { attempt, reason, ms, ...others } = detail;
  const took = ms === undefined ? [] : [`took ${duration(Number(ms))}`];
  return [...Object.values(others).map(String), ...took].join(" · ");
}
