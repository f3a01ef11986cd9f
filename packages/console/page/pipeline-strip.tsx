import type { HopKind } from "@event-pipeline/event-model/hop";
import type { ComponentChildren } from "preact";
import type { Depths } from "../api";
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
  const failures = update?.counts.failed ?? 0;
  const unread = (name: string) => update?.sources?.unread.some(({ source }) => source === name) ?? false;
  const isKnown = update !== undefined && update.sources?.isLogRead !== false;
  const rateText = (kind: HopKind) => (isKnown && !unread("log") ? formatRate(rates.rate(kind)) : "not known");
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
        <span class="stage-count">{isKnown && !isUntracked ? formatCount(update.counts[kind]) : "–"}</span>
        <span class="bar note">
          <span>{isUntracked ? "not tracked" : rateText(kind)}</span>
          {rest}
        </span>
      </button>
    );
  };
  const depth = (name: keyof Depths, label: string) => {
    const of = update?.depths[name];
    if (!of) return unread(name) && <span class="toned warn">not known</span>;
    return (
      <span class={of.waiting + of.inFlight > 0 ? "toned warn" : ""}>
        {formatCount(of.waiting)} {label}
        {of.inFlight > 0 && ` · ${formatCount(of.inFlight)} in flight`}
        {hello?.isLive === false && ` · ${formatTimeAgo(of.asOf, Date.now())}`}
      </span>
    );
  };
  return (
    <nav class="strip panel" aria-label="Pipeline stages">
      {stage("Published", "", "published", <span>topic</span>)}
      {stage("Queued", "waiting", "queued", depth("queue", "waiting"))}
      {stage(
        "Processed",
        "retrying",
        "processed",
        <span class={failures > 0 ? "toned warn" : ""}>{isKnown ? formatCount(failures) : "–"} failed attempts</span>,
      )}
      {stage("Stored", "stored", "stored", <span>table</span>)}
      <div class="stage-pair">
        {stage("Dead letters", "dead", "dead-lettered", depth("deadLetterQueue", "in the queue"))}
        <button type="button" aria-label="Open the dead-letter queue" onClick={onDeadLetters}>
          Open
        </button>
      </div>
      {stage("Archived", "archived", "archived", depth("archive", "buffered"))}
    </nav>
  );
}
