import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { DeadLetterRow, DeadLetters, RedriveRequest } from "../api";
import { redriveCommand } from "./cli-command";
import { ActionButton, type ActionDialogProps, CopyButton, Dialog, Message, type Tone } from "./controls";
import type { EventBuffer } from "./event-buffer";
import { formatCount, formatTimeAgo, formatTimeOfDay } from "./format";
import { type DeadLettersBefore, deadLettersBefore, redriveProblems, redriveProgress } from "./redrive-progress";

export interface DeadLettersDialogProps extends ActionDialogProps {
  readonly events: EventBuffer;
}

interface Redriven {
  readonly sent: number;
  readonly problems: readonly string[];
  readonly before: DeadLettersBefore;
}

/** Lists the messages of the dead-letter queue by error code, and redrives them. */
export function DeadLettersDialog({ api, cliOptions, events, onClose, onShow }: DeadLettersDialogProps) {
  const [found, setFound] = useState<DeadLetters>();
  /** SQS message IDs. */
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [redriven, setRedriven] = useState<Redriven>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const run = async (action: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    await action().catch((error: Error) => setProblem(error.message));
    setBusy(false);
  };

  const peek = async () => {
    const found = await api.peekDeadLetters();
    setFound(found);
    setSelected((before) => idsOf(found.letters).filter((id) => before.includes(id)));
  };

  const redrive = (request: RedriveRequest) =>
    void run(async () => {
      const letters = found?.letters.filter((letter) => isSelected(letter, request)) ?? [];
      const before = deadLettersBefore(events.find(new Set(letters.map(({ messageId }) => messageId))));
      const response = await api.redrive(request);
      setRedriven({ sent: response.sent, problems: redriveProblems(response), before });
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

  const letter = ({ sqsMessageId, messageId, eventId, type, publishedAt, sentAt, receives, reason }: DeadLetterRow) => {
    const id = eventId ?? messageId ?? sqsMessageId;
    return (
      <div key={sqsMessageId} class="line">
        <div class="letter">
          {checkbox([sqsMessageId], <code>{id}</code>)}
          <p class="note">
            {type !== undefined && `${type} · `}
            {publishedAt === undefined ? "sent to a queue" : "published"}{" "}
            {formatTimeAgo(publishedAt ?? sentAt, Date.now())} · received {receives}×
          </p>
          {reason !== undefined && <p class="note toned bad">{reason}</p>}
        </div>
        {messageId !== undefined && (
          <button type="button" class="plain" onClick={() => onShow(messageId)}>
            Show
          </button>
        )}
        <ActionButton
          class="plain"
          aria-label={`Redrive ${id}`}
          isAvailable={!isBusy}
          onClick={() => redrive({ ids: [sqsMessageId] })}
        >
          Redrive
        </ActionButton>
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
          <ActionButton
            class="push"
            aria-label={`Redrive group ${name}`}
            isAvailable={!isBusy}
            onClick={() => redrive({ code })}
          >
            Redrive group
          </ActionButton>
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
        <ActionButton autofocus class={found ? "" : "primary"} isAvailable={!isBusy} onClick={() => void run(peek)}>
          {isBusy ? "Working…" : found ? "Refresh" : "View messages"}
        </ActionButton>
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
        {redriven && <RedriveOutcome redriven={redriven} events={events} />}
        {problem !== undefined && <Message tone="bad">{problem}</Message>}
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
          <ActionButton
            class="push"
            isAvailable={!isBusy && selected.length > 0}
            onClick={() => redrive({ ids: selected })}
          >
            Redrive selected ({selected.length})
          </ActionButton>
          <ActionButton class="primary" isAvailable={!isBusy} onClick={() => redrive({ all: true })}>
            Redrive all
          </ActionButton>
        </footer>
      )}
    </Dialog>
  );
}

/** Reports a redrive, and follows the events that the list has to their outcomes. */
function RedriveOutcome({ redriven, events }: { readonly redriven: Redriven; readonly events: EventBuffer }) {
  const { sent, problems, before } = redriven;
  const { stored, deadAgain, waiting } = redriveProgress(before, events.find(before));
  const codes = [...new Set(deadAgain.map(({ errorCode = "too many receives" }) => errorCode))];
  const left = Math.min(waiting, sent - stored - deadAgain.length);
  const parts = [
    `${formatCount(sent)} redriven`,
    ...(stored > 0 ? [`${formatCount(stored)} stored`] : []),
    ...(deadAgain.length > 0
      ? [`${formatCount(deadAgain.length)} events are dead letters again (${codes.join(", ")})`]
      : []),
    ...(left > 0 ? [`${formatCount(left)} waiting for the outcome`] : []),
    ...problems,
  ];
  const hasFailed = problems.length > 0 || deadAgain.length > 0;
  const tone: Tone | undefined = hasFailed ? "bad" : stored > 0 && stored === sent ? "good" : undefined;
  return <Message {...(tone && { tone })}>{parts.join("; ")}</Message>;
}

function isSelected({ sqsMessageId, code }: DeadLetterRow, request: RedriveRequest): boolean {
  if ("ids" in request) return request.ids.includes(sqsMessageId);
  return !("code" in request) || request.code === code;
}

function idsOf(letters: readonly DeadLetterRow[]): string[] {
  return letters.map(({ sqsMessageId }) => sqsMessageId);
}
