import type { HopKind } from "@event-pipeline/event-model/hop";
import type { ComponentChildren } from "preact";
import type { Depth } from "../api";
import { ago, count, rate } from "./format";
import { NO_FILTER } from "./list-filter";
import type { PageState } from "./page-state";

export interface PipelineStripProps {
  readonly state: PageState;
  readonly onDeadLetters: () => void;
}

/** The stages of the pipeline with their counts. A click filters the list by the stage. */
export function PipelineStrip({ state, onDeadLetters }: PipelineStripProps) {
  const { update, rates, filter, hello } = state;
  const { queue, deadLetterQueue, archive } = update?.depths ?? {};
  const failures = update?.counts.failed ?? 0;
  const stage = (name: string, status: string, kind: HopKind, rest?: ComponentChildren) => {
    const isUnseen = hello?.unseen.includes(kind) ?? false;
    return (
      <button
        type="button"
        class="stage"
        aria-pressed={filter.status === status}
        onClick={() => state.setFilter({ ...(status === "" ? NO_FILTER : filter), status })}
      >
        <b class="note">{name}</b>
        <span class="stage-count">{update && !isUnseen ? count(update.counts[kind]) : "–"}</span>
        <span class="bar note">
          <span>{isUnseen ? "not tracked" : rate(rates.rate(kind))}</span>
          {rest}
        </span>
      </button>
    );
  };
  const depth = (of: Depth | undefined, label: string) =>
    of && (
      <span class={of.waiting + of.inFlight > 0 ? "toned warn" : ""}>
        {count(of.waiting)} {label}
        {of.inFlight > 0 && ` · ${count(of.inFlight)} in flight`}
        {hello?.isLive === false && ` · ${ago(of.asOf, Date.now())}`}
      </span>
    );
  return (
    <nav class="strip panel" aria-label="Stages of the pipeline">
      {stage("Published", "", "published", <span>topic</span>)}
      {stage("Queued", "waiting", "queued", depth(queue, "waiting"))}
      {stage(
        "Processed",
        "retrying",
        "processed",
        <span class={failures > 0 ? "toned warn" : ""}>{count(failures)} failed attempts</span>,
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
