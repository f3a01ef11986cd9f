import { SHOWN_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";
import { timeOfSortKey } from "@event-pipeline/event-model/item/key";
import { printable, printableJson } from "@event-pipeline/node-process/printable";
import { UsageError } from "@event-pipeline/operations/errors";
import type { StoredEvent } from "@event-pipeline/operations/table/stored-event";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, exitCodeOf } from "../action";
import { listNearest, MAX_LISTED } from "../nearest";
import { addTimeRangeOptions, pairs, type TimeRangeOptions, timeRangeOf, wholeNumber } from "../option-values";
import { countOf, type Output } from "../output";

interface ListOptions extends TimeRangeOptions {
  readonly type?: string;
  readonly limit: number;
  readonly all?: boolean;
  readonly filter?: Readonly<Record<string, string>>;
  readonly oldestFirst?: boolean;
  readonly csv?: boolean;
}

const DEFAULT_LIMIT = 100;

export function addListCommand(events: Command, action: CreateAction): void {
  const command = events
    .command("list")
    .description("List the stored events of a type, newest first, with a query")
    .option("--type <type>", "Event type, required; the command events types lists them")
    .option("--limit <n>", "Maximum number of events to print", wholeNumber(1, 1_000_000_000), DEFAULT_LIMIT)
    .option("--all", "Print every event, without a limit")
    .option(
      "--filter <path=value>",
      "Only events with this member or message attribute: severity=high, data.target=x, attribute:agent=a; repeatable",
      pairs,
    )
    .option("--oldest-first", "Print the oldest event first")
    .option("--csv", "Print CSV (RFC 4180); to keep every field unchanged, use --json")
    .action(
      action<ListOptions>(async (session, options) => {
        const { io, pipeline, output, signal } = session;
        const { type } = options;
        if (type === undefined) {
          throw new UsageError(
            `No event type. Give --type. To list the types: ${pipeline().cliCommand("events", "types")}`,
          );
        }
        const timeRange = timeRangeOf(options);
        const [{ toOperationError }, { listEvents }, { storedEventJson }] = await Promise.all([
          import("@event-pipeline/operations/aws-errors"),
          import("@event-pipeline/operations/events/list-events"),
          import("@event-pipeline/operations/table/stored-event"),
        ]);
        const { all, csv, oldestFirst } = options;
        const limit = all ? Number.POSITIVE_INFINITY : options.limit;
        let printed = 0;
        let last: StoredEvent | undefined;
        if (csv && output.json) throw new UsageError("--csv and --json exclude each other. Give one of them.");
        if (csv) await output.line(SHOWN_ATTRIBUTES.join(","));
        try {
          for await (const event of listEvents(pipeline(), { ...options, type, ...timeRange, signal })) {
            if (printed === limit) {
              const next = nextTimeRange(last, oldestFirst);
              output.note(`${countOf(printed, "event")}, and there are more. Give --limit, --all, or ${next}.`);
              return EXIT_CODES.ok;
            }
            if (output.json) await output.recordJson(storedEventJson(event));
            else await output.line(csv ? csvOf(event) : lineOf(output, event));
            printed += 1;
            last = event;
          }
        } catch (error) {
          if (printed === 0 || io.closed.aborted) throw error;
          output.note(
            `${countOf(printed, "event")}, and the others are not known. To continue, give ${nextTimeRange(last, oldestFirst)}.`,
          );
          if (signal.aborted) throw error;
          const stoppedBy = toOperationError(error, pipeline().description);
          output.note(stoppedBy.message);
          return exitCodeOf(false, stoppedBy);
        }
        if (!output.json && !csv) output.note(`${countOf(printed, "event")}.`);
        if (printed === 0) await noteTypes(session, type);
        return EXIT_CODES.ok;
      }),
    );
  addTimeRangeOptions(command, "that happened");
}

/** The largest part of the table that is scanned to name the types: 4 MB, for 500 read request units. */
const MAX_TYPE_PAGES = 4;

/** Names the types of the stored events, the most similar first, if `type` is not among them. */
async function noteTypes({ pipeline, output, signal }: CommandSession, type: string): Promise<void> {
  const { eventTypes } = await import("@event-pipeline/operations/events/event-types");
  const { types, items, complete } = await eventTypes(pipeline(), { signal, maxPages: MAX_TYPE_PAGES });
  const names = types.map((each) => each.type);
  if (names.includes(type)) {
    output.note(`Events of the type ${type} exist, but none is in the time range and has the members of --filter.`);
    return;
  }
  const shown = listNearest(type, names);
  if (complete) output.note(names.length === 0 ? "The table is empty." : `The types in the table: ${shown}.`);
  else if (items > 0) output.note(`The types of the ${countOf(items, "item")} that were looked at: ${shown}.`);
  if (!complete || names.length > MAX_LISTED)
    output.note(`To list all types: ${pipeline().cliCommand("events", "types")}`);
}

/** Returns the option for the next page. The next page repeats events from the last millisecond, so that none is skipped. */
function nextTimeRange(last: StoredEvent | undefined, oldestFirst = false): string {
  const time = Date.parse(timeOfSortKey(last?.timestamp_id ?? ""));
  return oldestFirst ? `--since ${new Date(time).toISOString()}` : `--until ${new Date(time + 1).toISOString()}`;
}

function lineOf(output: Output, { timestamp_id, event_id, message_id, data }: StoredEvent): string {
  const time = timeOfSortKey(timestamp_id);
  const ids = [...new Set([event_id, message_id])].join("  ");
  const cut = output.cut(data, output.shown(`${time}  ${ids}  `).length);
  return `${output.paint("dim", time)}  ${output.paint("cyan", ids)}  ${cut}`;
}

export function csvOf(event: StoredEvent): string {
  const { data, attributes } = event;
  const fields = {
    ...event,
    data: printableJson(data),
    attributes: attributes && printableJson(JSON.stringify(attributes)),
  };
  return csvLine(SHOWN_ATTRIBUTES.map((column) => fields[column]));
}

/**
 * Matches text that a spreadsheet may execute as a formula. The text may begin
 * with spaces or a full-width character.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * Returns a line of CSV without its line break. Control characters are escaped.
 * A formula gets an apostrophe before it, so that spreadsheets read it as text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvLine(fields: readonly (string | number | undefined)[]): string {
  return fields.map(csvField).join(",");
}

function csvField(field: string | number = ""): string {
  const text = printable(String(field));
  const safe = typeof field === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",;\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
