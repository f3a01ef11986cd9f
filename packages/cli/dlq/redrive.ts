import type { FollowedLetters } from "@event-pipeline/operations/dlq/follow-redrive";
import type { Redriven } from "@event-pipeline/operations/dlq/redrive";
import { type Command, InvalidArgumentError } from "commander";
import { action, type Session } from "../action";
import { agreed } from "../confirm";
import { EXIT_CODES, type ExitCode } from "../exit-codes";
import { positiveNumber } from "../option-values";
import { Progress } from "../progress";
import { addLetterOptions, type LetterOptions, noteLooked } from "./letters";

interface RedriveOptions extends LetterOptions {
  readonly rate?: number;
  readonly wait?: number | true;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const DEFAULT_WAIT_SECONDS = 300;

export function addRedrive(dlq: Command): Command {
  const command = dlq
    .command("redrive")
    .description("take dead letters back to their queue; one leaves only after the queue has taken it")
    .option("--rate <n>", "letters a second, at most", positiveNumber)
    .option("--wait [seconds]", "wait for what becomes of them, 300 s at most", seconds)
    .option("--dry-run", "only say how many are meant")
    .option("--yes", "do not ask")
    .action(action<RedriveOptions>(run));
  return addLetterOptions(command);
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 86_400) return value;
  throw new InvalidArgumentError("It takes a whole number of seconds from 1 to 86400.");
}

async function run(session: Session, options: RedriveOptions): Promise<ExitCode | undefined> {
  const { output, signal } = session;
  const { queue, rate, wait, yes, dryRun, code, type, id, since } = options;
  const filter = { code, type, id, since };
  if (dryRun) return countMeant(session, queue, filter);
  const isAgreed = await agreed(`Take ${said(filter)} of ${queue} back?`, yes);
  if (!isAgreed) {
    output.note("Nothing was sent.");
    return EXIT_CODES.failed;
  }
  const { redriveFrom } = await import("@event-pipeline/operations/dlq/redrive-from");
  let state = "looking";
  const progress = new Progress(output, () => state);
  try {
    const waitMs = wait === undefined ? undefined : 1_000 * (wait === true ? DEFAULT_WAIT_SECONDS : wait);
    const { redriven, outcome } = await redriveFrom(session.pipeline(), {
      queue,
      filter,
      rate,
      signal,
      waitMs,
      onProgress: ({ seen, sent }) => {
        state = `${seen} seen, ${sent} sent`;
      },
      onFollow: ({ stored, pending }) => {
        state = `${stored} stored, waiting for ${pending}`;
      },
    });
    progress.end();
    return await report(session, redriven, outcome);
  } finally {
    progress.end();
  }
}

async function countMeant({ pipeline, output, signal }: Session, queue: string | undefined, filter: LetterOptions) {
  const { lookInto } = await import("@event-pipeline/operations/dlq/look-into");
  const looked = await lookInto(pipeline(), queue, { filter, signal, onLetter: () => undefined });
  if (output.json) await output.record({ would_send: looked.meant });
  output.note(`${looked.meant} would be sent. Nothing was.`);
  return noteLooked(output, looked);
}

function said({ code, type, id, since }: LetterOptions): string {
  const parts = [
    code !== undefined && `the code ${code}`,
    type !== undefined && `the type ${type}`,
    id !== undefined && `the id ${id}`,
    since && `since ${since.toISOString()}`,
  ].filter(Boolean);
  return parts.length === 0 ? "every letter" : `the letters with ${parts.join(", ")}`;
}

async function report({ output, signal }: Session, redriven: Redriven, outcome?: FollowedLetters): Promise<ExitCode> {
  const { sent, seen, undeleted, lost, failures, whole, notGivenBack, holdSeconds } = redriven;
  const failed = sum(failures);
  const cameBack = merged(redriven.cameBack, outcome?.cameBack);
  if (output.json) {
    await output.record({
      sent,
      seen,
      failed: Object.fromEntries(failures),
      ...(undeleted > 0 && { also_still_there: undeleted }),
      ...(lost > 0 && { taken_by_others: lost }),
      ...(outcome && { stored: outcome.stored, consumed: outcome.consumed, pending: outcome.pending }),
      came_back: Object.fromEntries(cameBack),
    });
  }
  output.note(`${sent} sent, of ${seen} seen.`);
  if (signal.aborted) output.note("Interrupted: what was not sent is given back, and none is lost.");
  for (const [reason, count] of failures) output.note(`${count} could not be sent and stay: ${reason}`);
  if (undeleted > 0)
    output.note(`${undeleted} were sent, but could not be deleted here: a redrive sends them again, to the same keys.`);
  if (lost > 0) output.note(`${lost} were taken by somebody else meanwhile.`);
  if (notGivenBack > 0) output.note(`${notGivenBack} come back to the queue by themselves, within ${holdSeconds} s.`);
  if (outcome) {
    if (outcome.stored > 0 || outcome.consumed === 0) output.note(`${outcome.stored} are stored.`);
    if (outcome.consumed > 0) output.note(`${outcome.consumed} are consumed.`);
    if (outcome.pending > 0)
      output.note(`${outcome.pending} are on their way still, or have expired. See: event-pipeline status`);
  }
  for (const [code, count] of cameBack) output.note(`${count} came back: ${code}.`);
  if (sum(cameBack) > 0) output.note("See why: event-pipeline dlq list");
  const isWhole = whole && failed + undeleted + lost === 0 && sum(cameBack) === 0 && !outcome?.pending;
  return isWhole ? EXIT_CODES.ok : EXIT_CODES.partly;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function merged(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number> = new Map()): Map<string, number> {
  const all = new Map(one);
  for (const [name, count] of other) all.set(name, (all.get(name) ?? 0) + count);
  return all;
}
