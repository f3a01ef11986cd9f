import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type EventRow, ROW_STAGES, type RowStage, type RowStageState } from "../api";
import { formatBytes, formatDuration, formatTimeOfDay } from "./format";
import type { PageState } from "./page-state";

/** Number of rows rendered above and below the visible rows, so that scrolling shows no gaps. */
const OVERSCAN = 8;

/** Length of a time without its milliseconds. */
const SECONDS_END = "09:05:03".length;

const STAGE_STATES = {
  pending: { sign: "·", word: "pending", tone: "muted" },
  done: { sign: "✓", word: "done", tone: "tinted good" },
  failed: { sign: "✕", word: "failed", tone: "tinted bad" },
  filtered: { sign: "⊘", word: "filtered out", tone: "muted" },
} as const satisfies Readonly<Record<RowStageState, object>>;

/** The list of events, newest first. It renders only the rows near the visible part. */
export function EventList({ state }: { readonly state: PageState }) {
  const scroller = useRef<HTMLDivElement>(null);
  const isPausedByScrolling = useRef(false);
  const [view, setView] = useState({ top: 0, height: 0, rowHeight: 38 });
  const [active, setActive] = useState<string>();
  const { events, openEvent } = state;
  const rows = events.shown;
  const activeIndex = rows.findIndex(({ messageId }) => messageId === active);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => {
      const rowHeight = Number.parseFloat(getComputedStyle(element).getPropertyValue("--row-height"));
      setView({ top: element.scrollTop, height: element.clientHeight, rowHeight });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (events.isPaused) return;
    isPausedByScrolling.current = false;
    scroller.current?.scrollTo({ top: 0 });
  }, [events.isPaused]);

  const scrolled = (top: number) => {
    setView((before) => ({ ...before, top }));
    // Pauses, so that rows do not move while the user reads further down.
    if (top > view.rowHeight && !state.events.isPaused) {
      state.pause();
      isPausedByScrolling.current = true;
    } else if (top === 0 && isPausedByScrolling.current) {
      state.resume();
    }
  };

  const move = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[index];
    const element = scroller.current;
    if (!row || !element) return;
    state.pause();
    setActive(row.messageId);
    const top = index * view.rowHeight;
    // The sticky header row covers the top of the list.
    const bottom = top + view.rowHeight + (element.firstElementChild?.clientHeight ?? 0);
    if (top < element.scrollTop) element.scrollTo({ top });
    else if (bottom > element.scrollTop + element.clientHeight)
      element.scrollTo({ top: bottom - element.clientHeight });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.height / view.rowHeight) - 1);
    const target: Readonly<Record<string, number>> = {
      ArrowDown: activeIndex + 1,
      ArrowUp: Math.max(0, activeIndex) - 1,
      PageDown: activeIndex + page,
      PageUp: activeIndex - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = target[event.key];
    if (to !== undefined) move(to);
    else if (event.key === "Enter" && active !== undefined) state.open(active);
    else return;
    event.preventDefault();
  };

  useEffect(() => {
    if (openEvent !== undefined) setActive(openEvent);
  }, [openEvent]);

  const first = Math.max(0, Math.floor(view.top / view.rowHeight) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / view.rowHeight) + OVERSCAN);
  const stages = ROW_STAGES.filter((stage) => stage !== "archive" || !state.hello?.untracked.includes("archived"));
  return (
    <section class="list panel" aria-label="Events">
      <div
        class="scroller"
        role="grid"
        aria-label="Events, newest first"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={activeIndex >= first && activeIndex < last ? `row-${rows[activeIndex]?.seq}` : undefined}
        tabIndex={0}
        ref={scroller}
        onScroll={({ currentTarget }) => scrolled(currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
      >
        <div class="row head" role="row" aria-rowindex={1}>
          {["Time", "Type", "ID", "Size", "Stages", "Latency"].map((name) => (
            <span key={name} role="columnheader" class={`cell cell-${name.toLowerCase()} note`}>
              <b>{name}</b>
            </span>
          ))}
        </div>
        <div class="rows" role="rowgroup" style={{ height: `${rows.length * view.rowHeight}px` }}>
          {rows.slice(first, last).map((row, index) => (
            <EventListRow
              key={row.seq}
              row={row}
              index={first + index}
              top={(first + index) * view.rowHeight}
              stages={stages}
              isActive={row.messageId === active}
              onOpen={() => state.open(row.messageId)}
            />
          ))}
        </div>
        {rows.length === 0 && <p class="empty muted">{emptyText(state)}</p>}
      </div>
    </section>
  );
}

function emptyText({ events, hello, update }: PageState): string {
  if (!hello) return "";
  if (events.size > 0) return "No events match the filter.";
  if (update?.sources?.unread.some(({ source }) => source === "log")) return "Not known: the log cannot be read.";
  if (update?.sources?.isLogRead === false) return "Reading the function's log…";
  return "No events yet. Choose Send event, or publish from a terminal.";
}

interface EventListRowProps {
  readonly row: EventRow;
  readonly index: number;
  /** Pixels from the top of the list. */
  readonly top: number;
  /** Stages that the server tracks. */
  readonly stages: readonly RowStage[];
  readonly isActive: boolean;
  readonly onOpen: () => void;
}

function EventListRow({ row, index, top, stages, isActive, onOpen }: EventListRowProps) {
  const { seq, at, type, eventId, messageId, latencyMs, text } = row;
  const time = formatTimeOfDay(at);
  const cell = (name: string, content: ComponentChildren, title?: string) => (
    <span role="gridcell" class={`cell cell-${name} muted`} title={title}>
      {content}
    </span>
  );
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles key presses.
    <div
      id={`row-${seq}`}
      class="row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onOpen}
    >
      {cell(
        "time",
        <code>
          {time.slice(0, SECONDS_END)}
          <span class="milliseconds">{time.slice(SECONDS_END)}</span>
        </code>,
      )}
      {cell("type", type === "" ? <em>{text === "" ? "–" : "no type"}</em> : <b>{type}</b>, type)}
      {cell("id", <code>{eventId}</code>, messageId)}
      {cell("size", formatBytes(row.bytes))}
      <span role="gridcell" class="cell cell-stages">
        {stages.map((stage) => (
          <StagePill key={stage} stage={stage} row={row} />
        ))}
      </span>
      {cell("latency", formatDuration(latencyMs))}
    </div>
  );
}

function StagePill({ stage, row }: { readonly stage: RowStage; readonly row: EventRow }) {
  const isDead = stage === "table" && row.stages.table === "failed";
  const { sign, word, tone } = STAGE_STATES[row.stages[stage]];
  const name = isDead ? (row.errorCode ?? "dead letter") : stage;
  const attempts = stage === "function" && row.failures > 0 ? ` ${row.failures}×` : "";
  return (
    <span
      class={`pill ${isDead ? "pill-code" : ""} ${tone}`}
      role="img"
      aria-label={`${name}${attempts} ${word}`}
      title={`${name}: ${word}`}
    >
      <span>{sign}</span>
      <span class="pill-name">{name + attempts}</span>
    </span>
  );
}
