import type { EventRow } from "../api";

/** What of the list is shown; empty texts leave nothing out. */
export interface Filter {
  readonly type: string;
  readonly id: string;
  readonly status: string;
  readonly text: string;
}

export const NO_FILTER: Filter = { type: "", id: "", status: "", text: "" };

export const STATUSES = {
  waiting: "Waiting",
  retrying: "Retrying",
  stored: "Stored",
  dead: "Dead letter",
  filtered: "Filtered out",
  archived: "Archived",
} as const;

/** From the query of the page's URL. */
export function filterOf(query: string): Filter {
  const parameters = new URLSearchParams(query);
  const text = (name: keyof Filter) => parameters.get(name) ?? "";
  const status = Object.hasOwn(STATUSES, text("status")) ? text("status") : "";
  return { type: text("type"), id: text("id"), status, text: text("text") };
}

/** For the page's URL; empty, or with its question mark. */
export function queryOf(filter: Filter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== "");
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

/** @param found - MessageIds of events in whose text, beyond what a row has of it, the server found the words. */
export function matcher({ type, id, status, text }: Filter, found: ReadonlySet<string>): (row: EventRow) => boolean {
  const [typeWords, idWords, words] = [type, id, text].map((value) => value.trim().toLowerCase()) as [
    string,
    string,
    string,
  ];
  const has = (value: string | undefined, part: string) => value?.toLowerCase().includes(part) ?? false;
  return (row) =>
    (status === "" || (status === "archived" ? row.stages.archive === "done" : row.status === status)) &&
    (typeWords === "" || has(row.type, typeWords)) &&
    (idWords === "" || has(row.eventId, idWords) || has(row.messageId, idWords)) &&
    (words === "" || has(row.text, words) || has(row.errorCode, words) || found.has(row.messageId));
}
