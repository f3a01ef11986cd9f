import type { EventRow, EventStatus } from "../api";

/** The list's filter. An empty string matches every event. */
export interface ListFilter {
  readonly type: string;
  readonly id: string;
  readonly status: string;
  readonly text: string;
}

export const NO_FILTER: ListFilter = { type: "", id: "", status: "", text: "" };

/** Names of statuses, and of the other states that the filter has. */
export const STATUSES = {
  waiting: "Waiting",
  retrying: "Retrying",
  queued: "In the queue",
  processed: "Processed",
  stored: "Stored",
  dead: "Dead letter",
  purged: "Purged",
  filtered: "Filtered out",
  archived: "Archived",
} as const;

export const STATUS_TONES = {
  waiting: "muted",
  retrying: "warn",
  stored: "good",
  dead: "bad",
  purged: "muted",
  filtered: "muted",
} as const satisfies Readonly<Record<EventStatus, string>>;

/** Returns the filter in the query of the page's URL. */
export function listFilterOf(query: string): ListFilter {
  const parameters = new URLSearchParams(query);
  const text = (name: keyof ListFilter) => parameters.get(name) ?? "";
  const status = Object.hasOwn(STATUSES, text("status")) ? text("status") : "";
  return { type: text("type"), id: text("id"), status, text: text("text") };
}

/** Returns the message ID of the open event in the query of the page's URL; undefined if no event is open. */
export function openEventOf(query: string): string | undefined {
  return new URLSearchParams(query).get("event") || undefined;
}

/** Returns the query for the page's URL, with a leading `?`; an empty string if there is neither a filter nor an open event. */
export function queryOf(filter: ListFilter, openEvent = ""): string {
  const given = Object.entries({ ...filter, event: openEvent }).filter(([, value]) => value !== "");
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

/** Returns whether the row is in the state that the filter's status names. */
export function hasStatus({ status, stages }: EventRow, wanted: string): boolean {
  switch (wanted) {
    case "":
      return true;
    case "queued":
      return status === "waiting" || status === "retrying";
    case "processed":
      return stages.function === "done";
    case "archived":
      return stages.archive === "done";
    default:
      return status === wanted;
  }
}

/**
 * Returns a function that tests a row against the filter.
 *
 * @param found - IDs of messages in which the server found the text. A row has only the beginning of a long text.
 */
export function matcher(
  { type, id, status, text }: ListFilter,
  found: ReadonlySet<string>,
): (row: EventRow) => boolean {
  const includes = (part: string) => {
    const wanted = part.trim().toLowerCase();
    return (...values: readonly (string | undefined)[]) =>
      wanted === "" || values.some((value) => value?.toLowerCase().includes(wanted));
  };
  const [hasType, hasId, hasText] = [includes(type), includes(id), includes(text)];
  return (row) =>
    hasStatus(row, status) &&
    hasType(row.type) &&
    hasId(row.eventId, row.messageId) &&
    (hasText(row.text, row.errorCode) || found.has(row.messageId));
}
