import { useState } from "preact/hooks";
import type { EventRow, RedriveResponse, TracedHop } from "../api";
import type { ApiClient } from "./api-client";
import { redriveCommand } from "./cli-command";
import { ActionButton, CopyButton, Message } from "./controls";
import { type DeadLettersBefore, deadLettersBefore, redriveProblems, redriveProgress } from "./redrive-progress";

export interface RedriveSectionProps {
  readonly row: EventRow;
  readonly hops: readonly TracedHop[];
  readonly api: ApiClient;
  readonly cliOptions: string;
}

/** Redrives a dead letter, and follows it to its outcome. */
export function RedriveSection({ row, hops, api, cliOptions }: RedriveSectionProps) {
  const [before, setBefore] = useState<DeadLettersBefore>();
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [isBusy, setBusy] = useState(false);

  const redrive = async () => {
    setBusy(true);
    setProblems([]);
    setBefore(undefined);
    const start = deadLettersBefore([row]);
    await api.redrive({ messageId: row.messageId }).then(
      (response: RedriveResponse) => {
        const notFound =
          "The dead-letter queue does not have the message. It was redriven, purged, or is being received.";
        const found = redriveProblems(response);
        setProblems(response.sent === 0 && found.length === 0 ? [notFound] : found);
        if (response.sent > 0) setBefore(start);
      },
      (error: Error) => setProblems([error.message]),
    );
    setBusy(false);
  };

  if (row.status !== "dead" && before === undefined && problems.length === 0 && !isBusy) return null;
  return (
    <section>
      <div class="bar">
        <h3>Dead letter</h3>
        <ActionButton class="push" isAvailable={!isBusy && row.status === "dead"} onClick={() => void redrive()}>
          {isBusy ? "Redriving…" : "Redrive"}
        </ActionButton>
        <CopyButton label="Copy command" text={redriveCommand(row.messageId, cliOptions)} />
      </div>
      <div class="outcome" aria-live="polite">
        {problems.length > 0 && <Message tone="bad">{problems.join("; ")}</Message>}
        {before && <Outcome before={before} row={row} hops={hops} />}
      </div>
    </section>
  );
}

type OutcomeProps = Pick<RedriveSectionProps, "row" | "hops"> & { readonly before: DeadLettersBefore };

function Outcome({ before, row, hops }: OutcomeProps) {
  const { stored, deadAgain } = redriveProgress(before, [row]);
  if (stored > 0) return <Message tone="good">Redriven and stored.</Message>;
  if (deadAgain.length === 0) return <Message>Sent back to the queue. Waiting for the outcome…</Message>;
  const last = hops.findLast(({ kind, part }) => part === "processor" && kind === "dead-lettered")?.detail;
  const failed = hops.findLast(({ kind, part }) => part === "processor" && kind === "failed")?.detail;
  return (
    <Message tone="bad">
      Redriven, but the event is a dead letter again. {last?.reason ?? row.errorCode ?? failed?.reason}
    </Message>
  );
}
