import type { HopKind } from "@event-pipeline/event-model/hop";
import type { ComponentChildren } from "preact";
import type { Depth } from "../api";
import { NO_FILTER } from "./filter";
import { ago, count, rate } from "./format";
import type { Session } from "./session";

/** The stages as in the diagram; each shows its events in the list. */
export function PipelineStrip({
  session,
  onDeadLetters,
}: {
  readonly session: Session;
  readonly onDeadLetters: () => void;
}) {
  const { batch, rates, filter, hello } = session;
  const depths = batch?.depths ?? {};
  const isUnseen = (kind: HopKind) => hello?.unseen.includes(kind) ?? false;
  const box = (name: string, status: string, kind: HopKind, rest?: ComponentChildren) => (
    <button
      type="button"
      class={`stage stage-${status || "all"}`}
      aria-pressed={filter.status === status}
      onClick={() => session.setFilter({ ...(status === "" ? NO_FILTER : filter), status })}
    >
      <span class="stage-name">{name}</span>
      <span class="stage-count">{batch && !isUnseen(kind) ? count(batch.counts[kind]) : "–"}</span>
      <span class="stage-rest">
        {isUnseen(kind) ? "not followed" : <span class="stage-rate">{rate(rates.rate(kind))}</span>}
        {rest}
      </span>
    </button>
  );
  const depth = (of: Depth | undefined, waits: string) =>
    of && (
      <span class={of.waiting + of.inFlight > 0 ? "depth busy" : "depth"}>
        {count(of.waiting)} {waits}
        {of.inFlight > 0 && ` · ${count(of.inFlight)} in flight`}
        {hello?.isLive === false && ` · ${ago(of.asOf, Date.now())}`}
      </span>
    );
  return (
    <nav class="strip" aria-label="Stages of the pipeline">
      {box("Published", "", "published", <span class="depth">topic</span>)}
      {box("Queued", "waiting", "queued", depth(depths.queue, "waiting"))}
      {box(
        "Processed",
        "retrying",
        "processed",
        <span class={(batch?.counts.failed ?? 0) > 0 ? "depth busy" : "depth"}>
          {count(batch?.counts.failed ?? 0)} failed tries
        </span>,
      )}
      {box("Stored", "stored", "stored", <span class="depth">table</span>)}
      <div class="stage-pair">
        {box("Dead letters", "dead", "dead-lettered", depth(depths.deadLetterQueue, "in the queue"))}
        <button type="button" class="look" onClick={onDeadLetters}>
          Open<span class="visually-hidden"> the dead-letter queue</span>
        </button>
      </div>
      {box("Archived", "archived", "archived", depth(depths.archive, "gathered"))}
    </nav>
  );
}
