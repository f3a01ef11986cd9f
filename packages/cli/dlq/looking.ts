import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { printableJson } from "@event-pipeline/node-process/printable";
import type { LookProps } from "@event-pipeline/operations/dlq/peek-queue";
import { UsageError } from "@event-pipeline/operations/errors";
import { type Command, Option } from "commander";
import { action, type Session } from "../action";
import { ago } from "../ago";
import { EXIT_CODES } from "../exit-codes";
import { Progress } from "../progress";
import { addLetterOptions, type LetterOptions, letterRecord, noteLooked } from "./letters";

export function addLooking(dlq: Command): Command[] {
  const list = dlq
    .command("list")
    .description("dead letters, grouped by why they are there")
    .addOption(new Option("--by <what>", "what to group by").choices(["code", "type"]).default("code"))
    .action(action<LetterOptions & { by: "code" | "type" }>(listGroups));
  const show = dlq
    .command("show")
    .description("one dead letter, whole")
    .argument("<id>", "of the event, of SNS's or of SQS's message")
    .action(action<LetterOptions>(showLetter));
  const exporting = dlq
    .command("export")
    .description("dead letters as ndjson, into a new file")
    .argument("<file>", "where to; - for stdout")
    .action(action<LetterOptions>(exportLetters));
  addLetterOptions(list);
  addLetterOptions(exporting);
  return [list, show, exporting];
}

/** Looks into the queue that the options name, with a line of progress. */
async function looking(
  { pipeline, output, signal }: Session,
  { queue, ...filter }: LetterOptions,
  onLetter: LookProps["onLetter"],
) {
  const { lookInto } = await import("@event-pipeline/operations/dlq/look-into");
  let seen = 0;
  const progress = new Progress(output, () => `${seen} found`);
  try {
    return await lookInto(pipeline(), queue, {
      filter,
      signal,
      onLetter: (letter) => {
        seen += 1;
        return onLetter(letter);
      },
    });
  } finally {
    progress.end();
  }
}

async function listGroups(session: Session, options: LetterOptions & { by: "code" | "type" }) {
  const { output } = session;
  const { LetterGroups } = await import("@event-pipeline/operations/dlq/peek-queue");
  const groups = new LetterGroups(options.by);
  const looked = await looking(session, options, (letter) => {
    groups.add(letter);
    return undefined;
  });
  if (output.json) {
    for (const { name, count, oldest, newest, reason, exampleId } of groups.groups) {
      await output.record({
        [options.by]: name ?? null,
        count,
        oldest: oldest.toISOString(),
        newest: newest.toISOString(),
        example_id: exampleId,
        example_reason: reason,
      });
    }
  } else if (groups.groups.length > 0) {
    await output.table(
      [options.by.toUpperCase(), "COUNT", "OLDEST", "NEWEST", "EXAMPLE", "WHY"],
      groups.groups.map(({ name, count, oldest, newest, exampleId, reason }) => [
        name ?? "none",
        String(count),
        ago(oldest),
        ago(newest),
        exampleId,
        reason ?? "received too often: moved here by SQS",
      ]),
    );
  }
  const code = noteLooked(output, looked);
  if (looked.meant > 0) {
    output.note(
      "Next: event-pipeline dlq show EXAMPLE; once the cause is mended, event-pipeline dlq redrive --code CODE",
    );
  }
  return code;
}

async function showLetter(session: Session, options: LetterOptions, id = "") {
  const { output } = session;
  const records: [record: object, reason: string][] = [];
  const looked = await looking(session, { ...options, id }, (letter) => {
    records.push([letterRecord(letter), letter.reason ?? "received too often: moved here by SQS"]);
    return undefined;
  });
  for (const [record, reason] of records) {
    if (output.json) await output.record(record);
    else {
      await output.line(output.paint("bold", reason));
      for (const line of JSON.stringify(record, undefined, 2).split("\n")) await output.recordJson(line);
    }
  }
  const code = noteLooked(output, looked);
  if (records.length > 0) return code;
  output.note(`No dead letter has the id ${id}. See: event-pipeline events show ${id}`);
  return EXIT_CODES.failed;
}

async function exportLetters(session: Session, options: LetterOptions, file = "") {
  const { output } = session;
  if (file === "-")
    return noteLooked(
      output,
      await looking(session, options, (letter) => output.record(letterRecord(letter)).then(() => undefined)),
    );
  // Never over another file: it may be the only copy of what was purged.
  const stream = createWriteStream(file, { flags: "wx" });
  await once(stream, "open").catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "EEXIST" ? "There is such a file already. Give another name." : cause.message;
    throw new UsageError(`Cannot write ${file}: ${why}`, { cause });
  });
  const looked = await looking(session, options, async (letter) => {
    if (!stream.write(`${printableJson(JSON.stringify(letterRecord(letter)))}\n`)) await once(stream, "drain");
    return undefined;
  });
  stream.end();
  await finished(stream);
  output.note(`Wrote ${looked.meant} messages to ${file}.`);
  return noteLooked(output, looked);
}
