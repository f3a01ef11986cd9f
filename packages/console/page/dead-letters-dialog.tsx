import { useCallback, useState } from "preact/hooks";
import type { DeadLetter, DeadLetters, RedriveRequest } from "../api";
import type { ApiClient } from "./api-client";
import { redriveCommand } from "./cli-command";
import { CopyButton } from "./copy-button";
import { DeadLetterGroup } from "./dead-letter-group";
import { Dialog } from "./dialog";
import { clock, count } from "./format";

export interface DeadLettersDialogProps {
  readonly api: ApiClient;
  readonly cliOptions: string;
  readonly onClose: () => void;
  readonly onShow: (messageId: string) => void;
}

/** The dead-letter queue, by reason, and the ways back. */
export function DeadLettersDialog({ api, cliOptions, onClose, onShow }: DeadLettersDialogProps) {
  const [found, setFound] = useState<DeadLetters>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [said, say] = useState<{ readonly text: string; readonly isError: boolean }>();
  const [isBusy, setBusy] = useState(false);

  const look = useCallback(async () => {
    setBusy(true);
    try {
      const letters = await api.lookAtDeadLetters();
      setFound(letters);
      // What is still there stays chosen.
      const ids = new Set(letters.letters.map(({ sqsMessageId }) => sqsMessageId));
      setSelected((before) => new Set([...before].filter((id) => ids.has(id))));
    } catch (error) {
      say({ text: (error as Error).message, isError: true });
    }
    setBusy(false);
  }, [api]);

  const redrive = async (request: RedriveRequest) => {
    setBusy(true);
    try {
      const { sent, failures, lost } = await api.redrive(request);
      const reasons = Object.entries(failures).map(([reason, number]) => `${number} not sent: ${reason}`);
      const others = lost > 0 ? [`${lost} somebody else had taken`] : [];
      say({ text: [`${count(sent)} redriven`, ...reasons, ...others].join("; "), isError: reasons.length > 0 });
      await look();
    } catch (error) {
      say({ text: (error as Error).message, isError: true });
    }
    setBusy(false);
  };

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
        SQS shows a message only to who receives it: looking counts as a receive of each, and hides it from others for
        that moment. Nothing is taken away.
      </p>
      <div class="actions">
        <button type="button" class={found ? "" : "primary"} disabled={isBusy} onClick={() => void look()}>
          {isBusy ? "Working…" : found ? "Look again" : "Look into the queue"}
        </button>
        {found && <CopyButton label="Copy as CLI" text={redriveCommand(undefined, cliOptions)} />}
        {found && (
          <span class="note">
            {count(total)} seen at {clock(found.asOf)}
            {!found.whole && "; the queue may have more"}
            {found.inFlight > 0 && `; ${count(found.inFlight)} are hidden by another reader`}
            {total > found.letters.length && `; the first ${count(found.letters.length)} are listed`}
          </span>
        )}
      </div>
      <div class="outcome" aria-live="polite">
        {said && <p class={said.isError ? "error" : "good"}>{said.text}</p>}
        {found && total === 0 && <p class="good">The queue is empty.</p>}
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
        <footer>
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

/** Most letters first. */
function groupsOf({ letters, countByCode }: DeadLetters): [string, DeadLetter[]][] {
  return Object.entries(countByCode)
    .sort(([, one], [, other]) => other - one)
    .map(([code]) => [code, letters.filter((letter) => letter.code === code)]);
}
