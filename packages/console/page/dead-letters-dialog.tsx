import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { DeadLetterRow, DeadLetters, RedriveRequest } from "../api";
import { redriveCommand } from "./cli-command";
import { type ActionDialogProps, CopyButton, Dialog, Message, type Tone } from "./controls";
import { formatCount, formatTimeAgo, formatTimeOfDay } from "./format";

/** Lists the messages of the dead-letter queue by error code, and redrives them. */
export function DeadLettersDialog({ api, cliOptions, onClose, onShow }: ActionDialogProps) {
  const [found, setFound] = useState<DeadLetters>();
  /** SQS message IDs. */
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [outcome, setOutcome] = useState<{ readonly text: string; readonly tone: Tone }>();
  const [isBusy, setBusy] = useState(false);

  const run = async (action: () => Promise<void>) => {
    setBusy(true);
    await action().catch((error: Error) => setOutcome({ text: error.message, tone: "bad" }));
    setBusy(false);
  };

  const peek = async () => {
    const found = await api.peekDeadLetters();
    setFound(found);
    setSelected((before) => idsOf(found.letters).filter((id) => before.includes(id)));
  };

  const redrive = (request: RedriveRequest) =>
    void run(async () => {
      const { sent, notDeleted, failures, lost, stoppedBy } = await api.redrive(request);
      const reasons = Object.entries(failures).map(([reason, number]) => `${number} not sent: ${reason}`);
      const taken = lost > 0 ? [`${lost} received by another consumer`] : [];
      const kept = notDeleted > 0 ? [`${notDeleted} of them not deleted here`] : [];
      const problems = [...kept, ...reasons, ...taken, ...(stoppedBy === undefined ? [] : [stoppedBy])];
      const text = [`${formatCount(sent)} redriven`, ...problems].join("; ");
      setOutcome({ text, tone: problems.length > 0 ? "bad" : "good" });
      await peek();
    });

  const checkbox = (ids: readonly string[], label: ComponentChildren) => (
    <label class="line">
      <input
        type="checkbox"
        checked={ids.length > 0 && ids.every((id) => selected.includes(id))}
        onChange={({ currentTarget }) => {
          const others = selected.filter((id) => !ids.includes(id));
          setSelected(currentTarget.checked ? [...others, ...ids] : others);
        }}
      />
      {label}
    </label>
  );

  const letter = ({ sqsMessageId, messageId, eventId, type, sentAt, receives, reason }: DeadLetterRow) => {
    const id = eventId ?? messageId ?? sqsMessageId;
    return (
      <div key={sqsMessageId} class="line">
        <div class="letter">
          {checkbox([sqsMessageId], <code>{id}</code>)}
          <p class="note">
            {type !== undefined && `${type} · `}
            {formatTimeAgo(sentAt, Date.now())} · received {receives}×
          </p>
          {reason !== undefined && <p class="note toned bad">{reason}</p>}
        </div>
        {messageId !== undefined && (
          <button type="button" class="plain" onClick={() => onShow(messageId)}>
            Show
          </button>
        )}
        <button
          type="button"
          class="plain"
          aria-label={`Redrive ${id}`}
          disabled={isBusy}
          onClick={() => redrive({ ids: [sqsMessageId] })}
        >
          Redrive
        </button>
      </div>
    );
  };

  const group = (code: string, total: number, letters: readonly DeadLetterRow[]) => {
    const name = code === "none" ? "Too many receives" : code;
    return (
      <section key={code} class="letters">
        <div class="bar">
          {checkbox(
            idsOf(letters),
            <h3>
              {name} <span class="muted">{formatCount(total)}</span>
            </h3>,
          )}
          <button
            type="button"
            class="push"
            aria-label={`Redrive group ${name}`}
            disabled={isBusy}
            onClick={() => redrive({ code })}
          >
            Redrive group
          </button>
        </div>
        {letters.map(letter)}
      </section>
    );
  };

  return (
    <Dialog title="Dead-letter queue" onClose={onClose}>
      <p class="note">
        Viewing receives the messages: their receive counts increase, and other consumers cannot receive them for a
        moment. No message is deleted.
      </p>
      <div class="bar bordered actions">
        <button type="button" class={found ? "" : "primary"} disabled={isBusy} onClick={() => void run(peek)}>
          {isBusy ? "Working…" : found ? "Refresh" : "View messages"}
        </button>
        {found && <CopyButton label="Copy command" text={redriveCommand(undefined, cliOptions)} />}
        {found && (
          <span class="note">
            {formatCount(found.seen)} received at {formatTimeOfDay(found.asOf)}
            {!found.complete && "; the queue may have more"}
            {found.stillLeased > 0 &&
              `; ${formatCount(found.stillLeased)} stay invisible for up to ${found.leaseSeconds} s`}
            {found.inFlight > 0 && `; ${formatCount(found.inFlight)} in flight with other consumers`}
            {found.seen > found.letters.length && `; showing the first ${formatCount(found.letters.length)}`}
          </span>
        )}
      </div>
      <div class="outcome" aria-live="polite">
        {outcome && <Message tone={outcome.tone}>{outcome.text}</Message>}
        {found?.stoppedBy !== undefined && <Message tone="bad">{found.stoppedBy}</Message>}
        {found?.seen === 0 && found.complete && <Message tone="good">The queue is empty.</Message>}
      </div>
      {found &&
        Object.entries(found.countByCode)
          .sort(([, one], [, other]) => other - one)
          .map(([code, total]) =>
            group(
              code,
              total,
              found.letters.filter((letter) => letter.code === code),
            ),
          )}
      {found && found.seen > 0 && (
        <footer class="bar">
          <button
            type="button"
            class="push"
            disabled={isBusy || selected.length === 0}
            onClick={() => redrive({ ids: selected })}
          >
            Redrive selected ({selected.length})
          </button>
          <button type="button" class="primary" disabled={isBusy} onClick={() => redrive({ all: true })}>
            Redrive all
          </button>
        </footer>
      )}
    </Dialog>
  );
}

function idsOf(letters: readonly DeadLetterRow[]): string[] {
  return letters.map(({ sqsMessageId }) => sqsMessageId);
}
