import { useCallback, useState } from "preact/hooks";
import type { DeadLetterRow, DeadLetters, RedriveRequest } from "../api";
import type { ApiClient } from "./api-client";
import { redriveCommand } from "./cli-command";
import { CopyButton, Dialog, Message } from "./controls";
import { ago, clock, count } from "./format";

export interface DeadLettersDialogProps {
  readonly api: ApiClient;
  readonly cliOptions: string;
  readonly onClose: () => void;
  /** Opens the trace of an event. */
  readonly onShow: (messageId: string) => void;
}

/** Lists the messages of the dead-letter queue by error code, and redrives them. */
export function DeadLettersDialog({ api, cliOptions, onClose, onShow }: DeadLettersDialogProps) {
  const [found, setFound] = useState<DeadLetters>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [outcome, setOutcome] = useState<{ readonly text: string; readonly tone: "good" | "bad" }>();
  const [isBusy, setBusy] = useState(false);

  const run = useCallback(async (action: () => Promise<void>) => {
    setBusy(true);
    await action().catch((error: Error) => setOutcome({ text: error.message, tone: "bad" }));
    setBusy(false);
  }, []);

  const peek = useCallback(async () => {
    const found = await api.peekDeadLetters();
    setFound(found);
    const ids = new Set(found.letters.map(({ sqsMessageId }) => sqsMessageId));
    setSelected((before) => new Set([...before].filter((id) => ids.has(id))));
  }, [api]);

  const redrive = (request: RedriveRequest) =>
    run(async () => {
      const { sent, failures, lost } = await api.redrive(request);
      const reasons = Object.entries(failures).map(([reason, number]) => `${number} not sent: ${reason}`);
      const taken = lost > 0 ? [`${lost} received by another consumer`] : [];
      const text = [`${count(sent)} redriven`, ...reasons, ...taken].join("; ");
      setOutcome({ text, tone: reasons.length > 0 ? "bad" : "good" });
      await peek();
    });

  const toggle = (ids: readonly string[], isOn: boolean) => {
    const next = new Set(selected);
    for (const id of ids) {
      if (isOn) next.add(id);
      else next.delete(id);
    }
    setSelected(next);
  };

  const total = found ? Object.values(found.countByCode).reduce((sum, number) => sum + number, 0) : 0;
  return (
    <Dialog title="Dead-letter queue" onClose={onClose}>
      <p class="note">
        Viewing a message receives it: its receive count grows, and other consumers cannot see it for a moment. No
        message is deleted.
      </p>
      <div class="bar bordered actions">
        <button type="button" class={found ? "" : "primary"} disabled={isBusy} onClick={() => void run(peek)}>
          {isBusy ? "Working…" : found ? "Refresh" : "View messages"}
        </button>
        {found && <CopyButton label="Copy command" text={redriveCommand(undefined, cliOptions)} />}
        {found && (
          <span class="note">
            {count(total)} received at {clock(found.asOf)}
            {!found.whole && "; the queue may hold more"}
            {found.inFlight > 0 && `; ${count(found.inFlight)} in flight with another consumer`}
            {total > found.letters.length && `; showing the first ${count(found.letters.length)}`}
          </span>
        )}
      </div>
      <div class="outcome" aria-live="polite">
        {outcome && <Message tone={outcome.tone}>{outcome.text}</Message>}
        {found && total === 0 && <Message tone="good">The queue is empty.</Message>}
      </div>
      {found &&
        groupsOf(found).map(([code, letters]) => (
          <DeadLetterGroup
            key={code}
            code={code}
            total={found.countByCode[code] ?? letters.length}
            letters={letters}
            selected={selected}
            isBusy={isBusy}
            onToggle={toggle}
            onRedrive={(request) => void redrive(request)}
            onShow={onShow}
          />
        ))}
      {found && total > 0 && (
        <footer class="bar">
          <button
            type="button"
            disabled={isBusy || selected.size === 0}
            onClick={() => void redrive({ ids: [...selected] })}
          >
            Redrive selected ({selected.size})
          </button>
          <button type="button" class="primary" disabled={isBusy} onClick={() => void redrive({ all: true })}>
            Redrive all
          </button>
        </footer>
      )}
    </Dialog>
  );
}

/** Returns the messages by error code, the largest group first. */
function groupsOf({ letters, countByCode }: DeadLetters): [string, DeadLetterRow[]][] {
  return Object.entries(countByCode)
    .sort(([, one], [, other]) => other - one)
    .map(([code]) => [code, letters.filter((letter) => letter.code === code)]);
}

interface DeadLetterGroupProps {
  /** Error code; `none` for messages that SQS moved after their last receive. */
  readonly code: string;
  readonly total: number;
  readonly letters: readonly DeadLetterRow[];
  /** SQS message IDs. */
  readonly selected: ReadonlySet<string>;
  readonly isBusy: boolean;
  readonly onToggle: (ids: readonly string[], isOn: boolean) => void;
  readonly onRedrive: (request: RedriveRequest) => void;
  readonly onShow: (messageId: string) => void;
}

function DeadLetterGroup(props: DeadLetterGroupProps) {
  const { code, total, letters, selected, isBusy, onToggle, onRedrive, onShow } = props;
  const ids = letters.map(({ sqsMessageId }) => sqsMessageId);
  const name = code === "none" ? "Too many receives" : code;
  return (
    <section class="letters">
      <div class="bar">
        <label class="check">
          <input
            type="checkbox"
            checked={ids.length > 0 && ids.every((id) => selected.has(id))}
            onChange={({ currentTarget }) => onToggle(ids, currentTarget.checked)}
          />
          <h3>
            {name} <span class="muted">{count(total)}</span>
          </h3>
        </label>
        <button type="button" class="push" disabled={isBusy} onClick={() => onRedrive({ code })}>
          Redrive group<span class="visually-hidden"> {name}</span>
        </button>
      </div>
      {letters.map(({ sqsMessageId, messageId, eventId, type, sentAt, receives, reason }) => (
        <div key={sqsMessageId} class="letter">
          <label class="check">
            <input
              type="checkbox"
              checked={selected.has(sqsMessageId)}
              onChange={({ currentTarget }) => onToggle([sqsMessageId], currentTarget.checked)}
            />
            <code>{eventId ?? messageId ?? sqsMessageId}</code>
          </label>
          <span class="note">
            {type !== undefined && `${type} · `}
            {ago(sentAt, Date.now())} · received {receives}×
          </span>
          {reason !== undefined && <span class="note toned bad">{reason}</span>}
          <span class="bar">
            {messageId !== undefined && (
              <button type="button" class="plain" onClick={() => onShow(messageId)}>
                Show
              </button>
            )}
            <button type="button" class="plain" disabled={isBusy} onClick={() => onRedrive({ ids: [sqsMessageId] })}>
              Redrive<span class="visually-hidden"> {eventId ?? messageId}</span>
            </button>
          </span>
        </div>
      ))}
    </section>
  );
}
