import type { DeadLetter, RedriveRequest } from "../api";
import { ago, count } from "./format";

export interface DeadLetterGroupProps {
  /** Of the refusal; `none` for letters that SQS moved after their receives. */
  readonly code: string;
  readonly total: number;
  readonly letters: readonly DeadLetter[];
  /** Ids of SQS. */
  readonly selected: ReadonlySet<string>;
  readonly isBusy: boolean;
  readonly onToggle: (ids: readonly string[], isOn: boolean) => void;
  readonly onRedrive: (request: RedriveRequest) => void;
  readonly onShow: (messageId: string) => void;
}

/** Dead letters of one reason. */
export function DeadLetterGroup(props: DeadLetterGroupProps) {
  const { code, total, letters, selected, isBusy, onToggle, onRedrive, onShow } = props;
  const ids = letters.map(({ sqsMessageId }) => sqsMessageId);
  const isAllSelected = ids.length > 0 && ids.every((id) => selected.has(id));
  const name = code === "none" ? "Failed too often" : code;
  return (
    <section class="letters">
      <div class="section-head">
        <label class="check">
          <input
            type="checkbox"
            checked={isAllSelected}
            onChange={({ currentTarget }) => onToggle(ids, currentTarget.checked)}
          />
          <h3>
            {name} <span class="number">{count(total)}</span>
          </h3>
        </label>
        <button type="button" disabled={isBusy} onClick={() => onRedrive({ code })}>
          Redrive these<span class="visually-hidden"> of {name}</span>
        </button>
      </div>
      <ul>
        {letters.map((letter) => (
          <li key={letter.sqsMessageId}>
            <label class="check">
              <input
                type="checkbox"
                checked={selected.has(letter.sqsMessageId)}
                onChange={({ currentTarget }) => onToggle([letter.sqsMessageId], currentTarget.checked)}
              />
              <span class="letter-id">{letter.eventId ?? letter.messageId ?? letter.sqsMessageId}</span>
            </label>
            <span class="letter-facts">
              {letter.type !== undefined && `${letter.type} · `}
              {ago(letter.sentAt, Date.now())} · received {letter.receives}×
            </span>
            {letter.reason !== undefined && <span class="letter-reason">{letter.reason}</span>}
            <span class="letter-actions">
              {letter.messageId !== undefined && (
                <button type="button" class="quiet" onClick={() => onShow(letter.messageId as string)}>
                  Show
                </button>
              )}
              <button
                type="button"
                class="quiet"
                disabled={isBusy}
                onClick={() => onRedrive({ ids: [letter.sqsMessageId] })}
              >
                Redrive<span class="visually-hidden"> {letter.eventId ?? letter.messageId}</span>
              </button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
