import { SHOWN_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";
import { printableJson } from "@event-pipeline/node-process/printable";
import { UsageError } from "@event-pipeline/operations/errors";
import { eventTimeOf } from "@event-pipeline/operations/events/event-key-parts";
import type { StoredEvent } from "@event-pipeline/operations/events/stored-event";
import type { Command } from "commander";
import { action } from "../action";
import { csvLine } from "../csv";
import { pairs, pointInTime, wholeNumber } from "../option-values";
import type { Output } from "../output";
import { spanOf } from "../span-options";

interface ListOptions {
  readonly type: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly limit: number;
  readonly all?: boolean;
  readonly filter?: Readonly<Record<string, string>>;
  readonly oldestFirst?: boolean;
  readonly csv?: boolean;
}

const DEFAULT_LIMIT = 100;

export function addList(events: Command): void {
  events
    .command("list")
    .description("stored events of a type, newest first; a query by key, never a scan")
    .requiredOption("--type <type>", "the events' type; event-pipeline events types knows which there are")
    .option("--since <time>", "events from then on, by their own time: 10m, 2h, 7d or ISO 8601", pointInTime)
    .option("--until <time>", "events before then", pointInTime)
    .option("--limit <n>", "most events", wholeNumber(1, 1_000_000_000), DEFAULT_LIMIT)
    .option("--all", "without a limit")
    .option("--filter <path=value>", "events with that member, such as severity=high or data.target=x", pairs)
    .option("--oldest-first", "in the order of time")
    .option("--csv", "as CSV for a spreadsheet, RFC 4180; --json has every field as it is")
    .action(
      action<ListOptions>(async ({ pipeline, output, signal }, options) => {
        const span = spanOf(options);
        const { listEvents } = await import("@event-pipeline/operations/events/list-events");
        const { storedEventJson } = await import("@event-pipeline/operations/events/stored-event");
        const limit = options.all ? Number.POSITIVE_INFINITY : options.limit;
        let shown = 0;
        let last: StoredEvent | undefined;
        if (options.csv && output.json) throw new UsageError("Give either --csv or --json.");
        if (options.csv) await output.line(SHOWN_ATTRIBUTES.join(","));
        for await (const event of listEvents(pipeline(), { ...options, ...span, signal })) {
          if (shown === limit) {
            output.note(`${shown} events; there are more: --limit, --all, or ${nextSpan(last, options.oldestFirst)}.`);
            return undefined;
          }
          if (output.json) await output.recordJson(storedEventJson(event));
          else await output.line(options.csv ? csvOf(event) : lineOf(output, event));
          shown += 1;
          last = event;
        }
        if (!output.json && !options.csv) output.note(`${shown} ${shown === 1 ? "event" : "events"}.`);
        return undefined;
      }),
    );
}

/** Shows some of the last one's millisecond again, rather than leave others of it out. */
function nextSpan(last: StoredEvent | undefined, oldestFirst = false): string {
  const time = Date.parse(eventTimeOf(last?.timestamp_id ?? ""));
  return oldestFirst ? `--since ${new Date(time).toISOString()}` : `--until ${new Date(time + 1).toISOString()}`;
}

function lineOf(output: Output, { timestamp_id, event_id, message_id, data }: StoredEvent): string {
  const time = eventTimeOf(timestamp_id);
  const ids = event_id === message_id ? message_id : `${event_id}  ${message_id}`;
  const shown = output.cut(data, output.shown(`${time}  ${ids}  `).length);
  return `${output.paint("dim", time)}  ${output.paint("cyan", ids)}  ${shown}`;
}

export function csvOf(event: StoredEvent): string {
  const whole = { ...event, data: printableJson(event.data) };
  return csvLine(SHOWN_ATTRIBUTES.map((column) => whole[column]));
}
