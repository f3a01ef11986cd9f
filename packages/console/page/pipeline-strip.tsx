import type { HopKind } from "@event-pipeline/event-model/hop";
import type { ComponentChildren } from "preact";
import type { Depth } from "../api";
import { formatCount, formatRate, formatTimeAgo } from "./format";
import { NO_FILTER } from "./list-filter";
import type { PageState } from "./page-state";

export interface PipelineStripProps {
  readonly state: PageState;
  readonly onDeadLetters: () => void;
}

/** The pipeline's stages with their counts. Clicking a stage filters the list. */
export function PipelineStrip({ state, onDeadLetters }: PipelineStripProps) {
  const { update, rates, filter, hello } = state;
  const { queue, deadLetterQueue, archive } = update?.depths ?? {};
  const failures = update?.counts.failed ?? 0;
  const stage = (name: string, status: string, kind: HopKind, rest?: ComponentChildren) => {
    const isUntracked = hello?.untracked.includes(kind) ?? false;
    return (
      <button
        type="button"
        class="stage"
        aria-pressed={filter.status === status}
        onClick={() => state.setFilter({ ...(status === "" ? NO_FILTER : filter), status })}
      >
        <b class="note">{name}</b>
        <span class="stage-count">{update && !isUntracked ? formatCount(update.counts[kind]) : "–"}</span>
        <span class="bar note">
          <span>{isUntracked ? "not tracked" : formatRate(rates.rate(kind))}</span>
          {rest}
        </span>
      </button>
    );
  };
  const depth = (of: Depth | undefined, label: string) =>
    of && (
      <span class={of.waiting + of.inFlight > 0 ? "toned warn" : ""}>
        {formatCount(of.waiting)} {label}
        {of.inFlight > 0 && ` · ${formatCount(of.inFlight)} in flight`}
        {hello?.isLive === false && ` · ${formatTimeAgo(of.asOf, Date.now())}`}
      </span>
    );
  return (
    <nav class="strip panel" aria-label="Pipeline stages">
      {stage("Published", "", "published", <span>topic</span>)}
      {stage("Queued", "waiting", "queued", depth(queue, "waiting"))}
      {stage(
        "Processed",
        "retrying",
        "processed",
        <span class={failures > 0 ? "toned warn" : ""}>{formatCount(failures)} failed attempts</span>,
      )}
      {stage("Stored", "stored", "stored", <span>table</span>)}
      <div class="stage-pair">
        {stage("Dead letters", "dead", "dead-lettered", depth(deadLetterQueue, "in the queue"))}
        <button type="button" aria-label="Open the dead-letter queue" onClick={onDeadLetters}>
          Open
        </button>
      </div>
      {stage("Archived", "archived", "archived", depth(archive, "buffered"))}
    </nav>
  );
}
