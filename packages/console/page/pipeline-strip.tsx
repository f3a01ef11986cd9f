import type { HopKind } from "@event-pipeline/event-model/hop";
import type { ComponentChildren } from "preact";
import type { Depths, HopCounts } from "../api";
import { formatCount, formatRate, formatTimeAgo, formatTimeOfDay, subscriberName } from "./format";
import { NO_FILTER } from "./list-filter";
import type { PageState } from "./page-state";

export interface PipelineStripProps {
  readonly state: PageState;
  readonly onDeadLetters: () => void;
}

interface Tile {
  /** Place in the diagram. */
  readonly place: "topic" | "queue" | "function" | "table" | "dlq" | "archive";
  readonly name: string;
  /** The count; undefined if it is not known. */
  readonly count: number | undefined;
  /** True if the count is of the present moment, and false if it is a total. */
  readonly isNow: boolean;
  readonly unit: string;
  /** Status filter that shows the counted events. */
  readonly status: string;
  readonly rest: ComponentChildren;
}

/** The pipeline as a diagram: the topic, and a branch for each subscriber. Clicking a count shows the counted events. */
export function PipelineStrip({ state, onDeadLetters }: PipelineStripProps) {
  const { update, rates, filter, hello } = state;
  const unread = (name: string) => update?.sources?.unread.some(({ source }) => source === name) ?? false;
  const isLogKnown = update !== undefined && update.sources?.isLogRead !== false;
  const total = (kind: HopKind) => (isLogKnown && !hello?.untracked.includes(kind) ? update.counts[kind] : undefined);
  const rate = (kind: HopKind) => {
    if (hello?.untracked.includes(kind)) return "not tracked";
    return isLogKnown && !unread("log") ? formatRate(rates.rate(kind)) : "not known";
  };
  const depth = (name: keyof Depths) => {
    const { waiting = 0, inFlight = 0, asOf = 0 } = update?.depths[name] ?? {};
    const isKnown = update?.depths[name] !== undefined;
    const age = isKnown && hello?.isLive === false && ` · ${formatTimeAgo(asOf, Date.now())}`;
    return { count: isKnown ? waiting + inFlight : undefined, inFlight, age };
  };
  const since = hello && `since ${formatTimeOfDay(hello.countsSince).slice(0, 5)}`;
  const [queue, deadLetters, archive] = [depth("queue"), depth("deadLetterQueue"), depth("archive")];
  const subscribers = Object.entries(update?.subscribers ?? {});
  const numberOr = (count: number | undefined) => (count === undefined ? "–" : formatCount(count));

  const tile = ({ place, name, count, isNow, unit, status, rest }: Tile) => (
    <button
      type="button"
      class={`stage stage-${place}`}
      aria-pressed={filter.status === status}
      onClick={() => state.setFilter({ ...(status === "" ? NO_FILTER : filter), status })}
    >
      <span class="note">
        <b>{name}</b> {isNow ? "now" : since}
      </span>
      <span>
        <span class="stage-count">{numberOr(count)}</span> {unit}
      </span>
      <span class="note">{rest}</span>
    </button>
  );

  return (
    <nav class="strip" aria-label="Pipeline" style={{ "--rows": 2 + subscribers.length }}>
      {tile({
        place: "topic",
        name: "Topic",
        count: total("published"),
        isNow: false,
        unit: "published",
        status: "",
        rest: rate("published"),
      })}
      {tile({
        place: "queue",
        name: "Queue",
        count: queue.count,
        isNow: true,
        unit: "waiting",
        status: "queued",
        rest: (
          <>
            {unread("queue") ? "not known" : `${formatCount(queue.inFlight)} of them in flight`}
            {queue.age}
          </>
        ),
      })}
      {tile({
        place: "function",
        name: "Function",
        count: total("processed"),
        isNow: false,
        unit: "processed",
        status: "processed",
        rest: (
          <>
            {rate("processed")} · {numberOr(total("failed"))} failed attempts
          </>
        ),
      })}
      {tile({
        place: "table",
        name: "Table",
        count: total("stored"),
        isNow: false,
        unit: "stored",
        status: "stored",
        rest: rate("stored"),
      })}
      <div class="stage-pair stage-dlq">
        {tile({
          place: "dlq",
          name: "Dead letters",
          count: deadLetters.count,
          isNow: true,
          unit: "",
          status: "dead",
          rest: (
            <>
              {unread("deadLetterQueue") ? "not known" : `${numberOr(total("dead-lettered"))} ${since}`}
              {deadLetters.age}
            </>
          ),
        })}
        <button type="button" aria-label="Open the dead-letter queue" onClick={onDeadLetters}>
          Open
        </button>
      </div>
      {tile({
        place: "archive",
        name: "Archive",
        count: total("archived"),
        isNow: false,
        unit: "archived",
        status: "archived",
        rest: archive.count === undefined ? rate("archived") : `${formatCount(archive.count)} buffered now`,
      })}
      {subscribers.map(([part, counts]) => (
        <div key={part} class="stage stage-other">
          <span class="note">
            <b>{subscriberName(part, hello?.name)}</b> {since}
          </span>
          <span class="note">{countsText(counts)}</span>
        </div>
      ))}
    </nav>
  );
}

/** Describes another subscriber's hops. */
function countsText({ queued, filtered, processed, failed, "dead-lettered": dead }: HopCounts): string {
  const counts: readonly (readonly [count: number, unit: string])[] = [
    [queued, "queued"],
    [filtered, "filtered out"],
    [processed, "processed"],
    [failed, "failed attempts"],
    [dead, "dead letters"],
  ];
  return counts.map(([count, unit]) => `${formatCount(count)} ${unit}`).join(" · ");
}
