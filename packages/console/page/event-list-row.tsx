import type { EventRow, RowStage, StageState } from "../api";
import { bytes, clock, duration } from "./format";

const SIGNS: Readonly<Record<StageState, string>> = { pending: "·", done: "✓", failed: "✕", filtered: "⊘" };

const WORDS: Readonly<Record<StageState, string>> = {
  pending: "not yet",
  done: "done",
  failed: "failed",
  filtered: "filtered out",
};

export interface EventListRowProps {
  readonly row: EventRow;
  readonly index: number;
  /** Pixels from the top of the list. */
  readonly top: number;
  /** Those of which something can be known. */
  readonly stages: readonly RowStage[];
  readonly isActive: boolean;
  readonly onOpen: () => void;
}

export function EventListRow({ row, index, top, stages, isActive, onOpen }: EventListRowProps) {
  const { seq, at, type, eventId, messageId, status, latencyMs, text } = row;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it has the keys.
    <div
      id={`row-${seq}`}
      class={`row status-${status}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onOpen}
    >
      <span role="gridcell" class="cell cell-time">
        {clock(at)}
      </span>
      <span role="gridcell" class={type === "" ? "cell cell-type none" : "cell cell-type"} title={type}>
        {type || (text === "" ? "–" : "no type")}
      </span>
      <span role="gridcell" class="cell cell-id" title={messageId}>
        {eventId}
      </span>
      <span role="gridcell" class="cell cell-size">
        {bytes(row.bytes)}
      </span>
      <span role="gridcell" class="cell cell-stages">
        {stages.map((stage) => (
          <StagePill key={stage} stage={stage} row={row} />
        ))}
      </span>
      <span role="gridcell" class="cell cell-latency">
        {duration(latencyMs)}
      </span>
    </div>
  );
}

function StagePill({ stage, row }: { readonly stage: RowStage; readonly row: EventRow }) {
  const isDead = stage === "table" && row.status === "dead";
  const state = row.stages[stage];
  const name = isDead ? (row.errorCode ?? "dead letter") : stage;
  const tries = stage === "function" && row.failures > 0 ? ` ${row.failures}×` : "";
  return (
    <span class={`pill ${state}`} title={`${name}: ${WORDS[state]}`}>
      <span aria-hidden="true">{SIGNS[state]}</span>
      <span class="pill-name" aria-hidden="true">
        {name}
        {tries}
      </span>
      <span class="visually-hidden">
        {name}
        {tries} {WORDS[state]}
      </span>
    </span>
  );
}
