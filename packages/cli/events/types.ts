import { formatAge } from "@event-pipeline/node-process/format-age";
import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CreateAction, exitCodeOf } from "../action";
import { knownContracts } from "../known-contracts";
import { countOf } from "../output";

/** The size of the largest table that is scanned without --yes. */
const MAX_UNCONFIRMED_BYTES = 100 * 1_024 * 1_024;

export function addTypesCommand(events: Command, action: CreateAction): void {
  events
    .command("types")
    .description("List the types of stored events and of contracts, with a scan of the table")
    .option("--yes", "Scan the table even if it is larger than 100 MiB")
    .action(
      action<{ readonly yes?: boolean }>(async (session, { yes = false }) => {
        const { pipeline, output, signal, commandLine } = session;
        const { eventTypes, scanSize } = await import("@event-pipeline/operations/events/event-types");
        const { items, bytes, readUnits } = await scanSize(pipeline(), signal);
        const mebibytes = (bytes / 1_024 / 1_024).toFixed(1);
        const size = `A scan reads the whole table: ${items} items, ${mebibytes} MiB, ${readUnits} read request units. These figures from DynamoDB may be up to six hours old.`;
        if (bytes > MAX_UNCONFIRMED_BYTES && !yes) throw new UsageError(`${size} To scan the table, give --yes.`);
        output.note(size);
        // Before the scan, so that an interrupted scan is printed with them.
        const known = await knownContracts(session, "types without stored events are not listed");
        const {
          types,
          items: read,
          complete,
          stoppedBy,
        } = await output.progress(
          (count = 0) => `${count} items read`,
          (onProgress: (items: number) => void) => eventTypes(pipeline(), { signal, onProgress }),
        );
        // An error before the first item is the result.
        if (stoppedBy && read === 0) throw stoppedBy;
        const versions = new Map(known?.set?.contracts.map(({ type, version }) => [type, version]));
        const stored = new Set(types.map(({ type }) => type));
        const others = [...versions.keys()].filter((type) => !stored.has(type));
        const listed = [...types, ...others.map((type) => ({ type, count: 0, newest: undefined }))];
        if (output.json) for (const each of listed) await output.record({ ...each, contract: versions.get(each.type) });
        else {
          await output.table(
            ["EVENTS", "NEWEST", "CONTRACT", "TYPE"],
            listed.map(({ type, count, newest }) => {
              const age = newest === undefined ? undefined : `${formatAge(new Date(newest))} ago`;
              const contract = versions.get(type) ?? (known ? "-" : "not known");
              return [String(count), age ?? (count === 0 ? "-" : "not known"), contract, type];
            }),
          );
        }
        if (!complete) {
          output.note(
            `The scan ended after ${countOf(read, "item")}. The types and counts of the others are not known.`,
          );
        }
        if (stoppedBy) output.note(`${stoppedBy.message} To count all: ${commandLine()}`);
        return exitCodeOf(complete && known !== undefined, stoppedBy);
      }),
    );
}
