import { unreadableTimeIn } from "@event-pipeline/event-model/event";
import { explainReplacedTime } from "@event-pipeline/event-model/event-time";
import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { useEffect, useRef, useState } from "preact/hooks";
import type { EventDetail, EventRow, PublishRequest } from "../api";
import type { ApiClient } from "./api-client";
import { showCommand } from "./cli-command";
import { CopyButton, Message, type Tone } from "./controls";
import { formatBytes, formatCount, formatDuration, formatTimeOfDay, itemFacts } from "./format";
import { isJson, prettyJson } from "./json-text";
import { STATUS_TONES, STATUSES } from "./list-filter";

/** Maximum length of indented text. Indentation makes deeply nested JSON much longer. */
const MAX_PRETTY = 1_000_000;

const HOPS: Readonly<Record<HopKind, { readonly name: string; readonly tone?: Tone }>> = {
  published: { name: "Published" },
  filtered: { name: "Filtered out", tone: "warn" },
  queued: { name: "Queued" },
  processed: { name: "Processed" },
  stored: { name: "Stored", tone: "good" },
  failed: { name: "Attempt failed", tone: "bad" },
  "dead-lettered": { name: "Dead letter", tone: "bad" },
  archived: { name: "Archived", tone: "good" },
};

export interface EventDrawerProps {
  readonly messageId: string;
  /** The event's row, if the list still has it. */
  readonly row: EventRow | undefined;
  readonly api: ApiClient;
  readonly cliOptions: string;
  readonly onClose: () => void;
  readonly onResend: (draft: PublishRequest) => void;
}

/** Shows one event's trace, text, stored item and attributes. */
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
        setDetail(found);
        setProblem(undefined);
      },
      (error: Error) => isCurrent && setProblem(error.message),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, messageId, row]);

  const shown = row ?? detail?.row;
  const body = detail?.body;
  const unreadableTime = body === undefined ? undefined : unreadableTimeIn(body);
  const attributes = Object.entries(detail?.attributes ?? {});
  return (
    <aside class="drawer" aria-label="Event">
      <header class="title line">
        <div>
          <h2>{shown?.type || "Event"}</h2>
          {shown && (
            <p class={`toned ${STATUS_TONES[shown.status]}`}>
              {STATUSES[shown.status]}
              {shown.errorCode !== undefined && ` · ${shown.errorCode}`}
              {shown.latencyMs !== undefined && ` · ${formatDuration(shown.latencyMs)}`}
            </p>
          )}
        </div>
        <button type="button" class="plain push" ref={closer} onClick={onClose} aria-label="Close the event">
          ✕
        </button>
      </header>
      <div class="drawer-body">
        {problem !== undefined && <Message tone="bad">{problem}</Message>}
        {detail?.itemError !== undefined && <Message tone="warn">The item is not known. {detail.itemError}</Message>}
        {unreadableTime && <Message tone="warn">{explainReplacedTime(unreadableTime)}</Message>}
        {shown && (
          <Facts
            facts={[
              ["Event ID", shown.eventId],
              ["Message ID", messageId],
              ["Published", `${formatTimeOfDay(shown.at)} · ${formatBytes(shown.bytes)}`],
            ]}
          />
        )}
        <div class="bar bordered">
          <CopyButton
            label="Copy all"
            text={JSON.stringify(detail, null, 2)}
            title="The event, its attributes and its hops"
          />
          <CopyButton label="Copy command" text={showCommand(messageId, cliOptions)} />
          <button
            type="button"
            disabled={body === undefined}
            onClick={() => body !== undefined && onResend({ message: body, attributes: detail?.attributes ?? {} })}
          >
            Edit and resend
          </button>
        </div>
        {detail && <Trace detail={detail} />}
        <section>
          <div class="bar">
            <h3>{body === undefined || isJson(body) ? "JSON" : "Text (not JSON)"}</h3>
            {body !== undefined && (
              <>
                <button type="button" class="plain push" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
                  Raw
                </button>
                <CopyButton label="Copy" text={body} title="The text as published" />
              </>
            )}
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll the text. */}
          <pre tabIndex={0}>{textOf(body, isRaw) ?? (detail ? missingText(detail) : "…")}</pre>
        </section>
        {detail?.item && (
          <section>
            <h3>Stored item</h3>
            <Facts facts={itemFacts(detail.item)} />
          </section>
        )}
        <section>
          <h3>Attributes</h3>
          <Facts facts={attributes} />
          {attributes.length === 0 && <p class="note">None</p>}
        </section>
      </div>
    </aside>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: string | number])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => [
        <dt key={name} class="muted">
          {name}
        </dt>,
        <dd key={`${name} value`}>{value}</dd>,
      ])}
    </dl>
  );
}

function missingText({ itemError }: EventDetail): string {
  return itemError === undefined ? "The text is no longer available." : "The text is not known.";
}

function textOf(body: string | undefined, isRaw: boolean): string | undefined {
  if (body === undefined || isRaw) return body;
  const pretty = prettyJson(body);
  return pretty.length > MAX_PRETTY ? body : pretty;
}

/** The event's hops in order. */
function Trace({ detail: { hops, discardedHops, row } }: { readonly detail: EventDetail }) {
  return (
    <section>
      <h3>Trace</h3>
      <ol class="timeline">
        {hops.map((hop, index) => (
          // The index can be the key, because the elements have no state.
          <li key={index} class={`hop hop-${hop.kind} ${HOPS[hop.kind].tone ?? ""}`}>
            <div class="line">
              <span class="hop-name">
                <b>{HOPS[hop.kind].name}</b>
                {hop.detail.attempt !== undefined && <span class="muted"> attempt {hop.detail.attempt}</span>}
              </span>
              <time class="push muted" title={formatTimeOfDay(hop.at)}>
                {index === 0 ? formatTimeOfDay(hop.at) : `+${formatDuration(hop.at - row.at)}`}
              </time>
            </div>
            <p class="note">{detailText(hop)}</p>
            {hop.detail.reason !== undefined && <p class="hop-reason note toned bad">{hop.detail.reason}</p>}
          </li>
        ))}
      </ol>
      {discardedHops > 0 && <p class="note">{formatCount(discardedHops)} hops after the second hop were discarded.</p>}
    </section>
  );
}

function detailText({ detail }: Hop): string {
  const { attempt, reason, ms, ...others } = detail;
  const took = ms === undefined ? [] : [`took ${formatDuration(Number(ms))}`];
  return [...Object.values(others).map(String), ...took].join(" · ");
}
