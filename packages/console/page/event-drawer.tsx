import { useEffect, useRef, useState } from "preact/hooks";
import type { EventDetail, EventRow } from "../api";
import type { ApiClient } from "./api-client";
import { showCommand } from "./cli-command";
import { CopyButton } from "./copy-button";
import { STATUSES } from "./filter";
import { bytes, clock, duration, itemFacts } from "./format";
import { HopTimeline } from "./hop-timeline";
import { isJson, prettyJson } from "./json-text";
import type { Draft } from "./send-dialog";

/** Characters of a text that is set out with indents; a deep one grows by them. */
const MAX_PRETTY = 1_000_000;

export interface EventDrawerProps {
  readonly messageId: string;
  /** As the list has it, if it still does. */
  readonly row: EventRow | undefined;
  readonly api: ApiClient;
  readonly cliOptions: string;
  readonly onClose: () => void;
  readonly onResend: (draft: Draft) => void;
}

/** All of one event: its way, its text, its attributes. */
export function EventDrawer({ messageId, row, api, cliOptions, onClose, onResend }: EventDrawerProps) {
  const [detail, setDetail] = useState<EventDetail>();
  const [problem, setProblem] = useState<string>();
  const [isRaw, setRaw] = useState(false);
  const closer = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const { activeElement } = document;
    closer.current?.focus();
    return () => {
      if (activeElement instanceof HTMLElement) activeElement.focus();
    };
  }, []);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) onClose();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onClose]);

  useEffect(() => {
    let isCurrent = true;
    api.detail(messageId).then(
      (found) => {
        if (!isCurrent) return;
        if (found) setDetail(found);
        setProblem(found ? undefined : "The page's server no longer has this event.");
      },
      (error: Error) => isCurrent && setProblem(error.message),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, messageId, row]);

  const shown = row ?? detail?.row;
  const body = detail?.body;
  const pretty = body === undefined || isRaw ? body : shortOf(prettyJson(body), body);
  return (
    <aside class="drawer" aria-label="Event">
      <header>
        <div>
          <h2>{shown?.type || "Event"}</h2>
          {shown && (
            <p class={`state state-${shown.status}`}>
              {STATUSES[shown.status]}
              {shown.errorCode !== undefined && ` · ${shown.errorCode}`}
              {shown.latencyMs !== undefined && ` · ${duration(shown.latencyMs)}`}
            </p>
          )}
        </div>
        <button type="button" class="quiet close" ref={closer} onClick={onClose} aria-label="Close the event">
          ✕
        </button>
      </header>
      <div class="drawer-body">
        {problem !== undefined && <p class="error">{problem}</p>}
        {shown && (
          <dl class="facts">
            <dt>Id</dt>
            <dd>{shown.eventId}</dd>
            <dt>MessageId</dt>
            <dd>{messageId}</dd>
            <dt>Published</dt>
            <dd>
              {clock(shown.at)} · {bytes(shown.bytes)}
            </dd>
          </dl>
        )}
        <div class="actions">
          <CopyButton
            label="Copy all"
            text={JSON.stringify(detail, null, 2)}
            title="The event, its attributes and its hops"
          />
          <CopyButton label="Copy as CLI" text={showCommand(messageId, cliOptions)} />
          <button
            type="button"
            disabled={body === undefined}
            onClick={() => body !== undefined && onResend({ message: body, attributes: detail?.attributes ?? {} })}
          >
            Edit and resend
          </button>
        </div>
        {detail && <HopTimeline detail={detail} />}
        <section>
          <div class="section-head">
            <h3>{body === undefined || isJson(body) ? "JSON" : "Text (not JSON)"}</h3>
            {body !== undefined && (
              <button type="button" class="quiet" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
                Raw
              </button>
            )}
            {body !== undefined && <CopyButton label="Copy" text={body} title="The text as it was published" />}
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard. */}
          <pre tabIndex={0}>{pretty ?? (detail ? "Its text is not kept here." : "…")}</pre>
        </section>
        {detail?.item && <ItemSection item={detail.item} />}
        <section>
          <h3>Attributes</h3>
          <dl class="facts">
            {Object.entries(detail?.attributes ?? {}).map(([name, value]) => [
              <dt key={name}>{name}</dt>,
              <dd key={`${name} value`}>{value}</dd>,
            ])}
          </dl>
          {Object.keys(detail?.attributes ?? {}).length === 0 && <p class="note">None.</p>}
        </section>
      </div>
    </aside>
  );
}

function ItemSection({ item }: { readonly item: NonNullable<EventDetail["item"]> }) {
  return (
    <section>
      <h3>Stored item</h3>
      <dl class="facts">
        {itemFacts(item).map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>])}
      </dl>
    </section>
  );
}

function shortOf(pretty: string, raw: string): string {
  return pretty.length > MAX_PRETTY ? raw : pretty;
}
