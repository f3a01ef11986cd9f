import type { HopKind } from "@event-pipeline/event-model/hop";
import type { EventDetail, TracedHop } from "../api";
import type { Tone } from "./controls";
import { formatCount, formatDuration, formatTimeOfDay, subscriberName } from "./format";
import { traceByPart } from "./trace-by-part";

const HOPS: Readonly<Record<HopKind, { readonly name: string; readonly tone?: Tone }>> = {
  published: { name: "Published" },
  filtered: { name: "Filtered out" },
  queued: { name: "Queued" },
  processed: { name: "Processed" },
  stored: { name: "Stored", tone: "good" },
  failed: { name: "Attempt failed", tone: "bad" },
  "dead-lettered": { name: "Dead letter", tone: "bad" },
  purged: { name: "Purged" },
  archived: { name: "Archived", tone: "good" },
};

const NAMES: Readonly<Record<string, string>> = { topic: "Topic", processor: "Event processor", archive: "Archive" };

export interface TraceProps {
  readonly detail: EventDetail;
  readonly pipelineName: string;
}

/** The event's hops by part of the pipeline. */
export function Trace({ detail: { hops, discardedHops, row }, pipelineName }: TraceProps) {
  return (
    <section>
      <h3>Trace</h3>
      {traceByPart(hops).map(({ part, hops: ofPart }) => (
        <div key={part} class="trace-part">
          <h4 class="note">{NAMES[part] ?? `Subscriber ${subscriberName(part, pipelineName)}`}</h4>
          <ol class="timeline">
            {ofPart.map(({ hop, at }, index) => (
              // The index can be the key, because the elements have no state.
              <li key={index} class={`hop hop-${hop.kind} ${HOPS[hop.kind].tone ?? ""}`}>
                <div class="line">
                  <span class="hop-name">
                    <b>{HOPS[hop.kind].name}</b>
                    {hop.detail.attempt !== undefined && <span class="muted"> attempt {hop.detail.attempt}</span>}
                  </span>
                  <time class="push muted" title={formatTimeOfDay(at)}>
                    {hop.kind === "published" ? formatTimeOfDay(at) : `+${formatDuration(at - row.at)}`}
                  </time>
                </div>
                <p class="note">{detailText(hop)}</p>
                {hop.detail.reason !== undefined && <p class="hop-reason note toned bad">{hop.detail.reason}</p>}
              </li>
            ))}
          </ol>
        </div>
      ))}
      {discardedHops > 0 && <p class="note">{formatCount(discardedHops)} hops after the second hop were discarded.</p>}
    </section>
  );
}

function detailText({ detail }: TracedHop): string {
  const { attempt, reason, ms, ...others } = detail;
  const took = ms === undefined ? [] : [`took ${formatDuration(Number(ms))}`];
  return [...Object.values(others).map(String), ...took].join(" · ");
}
