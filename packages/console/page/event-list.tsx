import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ROW_STAGES } from "../api";
import { EventListRow } from "./event-list-row";
import { count } from "./format";
import type { Session } from "./session";

/** Rows beside those in sight, so that scrolling shows no gap before the next frame. */
const OVERSCAN = 8;

export interface EventListProps {
  readonly session: Session;
  readonly selected: string | undefined;
  readonly onSelect: (messageId: string) => void;
}

/** The list, newest first. Only rows in sight are in the document. */
export function EventList({ session, selected, onSelect }: EventListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isHeldByScrolling = useRef(false);
  const [view, setView] = useState({ top: 0, height: 0, rowHeight: 36 });
  const [active, setActive] = useState<string>();
  const { events } = session;
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

  const resume = () => {
    isHeldByScrolling.current = false;
    session.release();
    scroller.current?.scrollTo({ top: 0 });
  };

  const scrolled = (top: number) => {
    setView((before) => ({ ...before, top }));
    // Who reads further down does not want the rows to move.
    if (top > view.rowHeight && !session.events.isHeld) {
      session.hold();
      isHeldByScrolling.current = true;
    } else if (top === 0 && isHeldByScrolling.current) {
      resume();
    }
  };

  const move = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[index];
    const element = scroller.current;
    if (!row || !element) return;
    session.hold();
    setActive(row.messageId);
    const top = index * view.rowHeight;
    // The head stays above the rows.
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
    else if (event.key === "Enter" && active !== undefined) onSelect(active);
    else return;
    event.preventDefault();
  };

  useEffect(() => {
    if (selected !== undefined) setActive(selected);
  }, [selected]);

  const first = Math.max(0, Math.floor(view.top / view.rowHeight) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / view.rowHeight) + OVERSCAN);
  const waiting = events.waiting;
  const stages = ROW_STAGES.filter((stage) => stage !== "archive" || !session.hello?.unseen.includes("archived"));
  return (
    <section class="list" aria-label="Events">
      {events.isHeld && (
        <button type="button" class="new-rows" onClick={resume}>
          {waiting > 0 ? `${count(waiting)} new` : "Paused"} · show the newest
        </button>
      )}
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
          {["Time", "Type", "Id", "Size", "Stages", "Latency"].map((name) => (
            <span key={name} role="columnheader" class={`cell cell-${name.toLowerCase()}`}>
              {name}
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
              onOpen={() => {
                setActive(row.messageId);
                onSelect(row.messageId);
              }}
            />
          ))}
        </div>
        {rows.length === 0 && <p class="empty">{emptyText(session)}</p>}
      </div>
    </section>
  );
}

function emptyText({ events, hello }: Session): string {
  if (!hello) return "";
  if (events.size > 0) return "No event matches the filter.";
  return "No events yet. Send one, or publish from a terminal.";
}
