import type { Hello, UnreadSource } from "../api";
import { typeCommand } from "./cli-command";
import type { ConnectionState } from "./connection";
import { CopyButton, Message } from "./controls";
import { formatCount, formatTimeAgo, formatTimeOfDay } from "./format";
import type { PageState } from "./page-state";

const CONNECTION: Readonly<Record<ConnectionState, { readonly text: string; readonly tone: string }>> = {
  connecting: { text: "Connecting", tone: "toned warn" },
  live: { text: "Live", tone: "muted good" },
  stale: { text: "Not responding", tone: "toned warn" },
  closed: { text: "Disconnected", tone: "toned bad" },
  refused: { text: "Unauthorized", tone: "toned bad" },
};

export interface HeaderProps {
  readonly state: PageState;
  readonly onSend: () => void;
  readonly onHelp: () => void;
}

export function Header({ state: { hello, connection }, onSend, onHelp }: HeaderProps) {
  const { text, tone } = CONNECTION[connection.state];
  return (
    <header class="top line">
      <img src="/icon.svg" alt="" width="24" height="24" />
      <h1>{hello?.name ?? "event-pipeline"}</h1>
      {hello && (
        <b class={`badge tinted ${hello.mode === "aws" ? "warn" : ""}`}>{hello.mode === "local" ? "LOCAL" : "AWS"}</b>
      )}
      {hello && <span class="region muted">{hello.region}</span>}
      <span class={`push connection ${connection.state} ${tone}`} role="status">
        {text}
      </span>
      <button type="button" onClick={onHelp} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">
        ?
      </button>
      <button
        type="button"
        class="primary"
        title="Send event (n)"
        onClick={onSend}
        disabled={connection.state !== "live"}
      >
        Send event
      </button>
    </header>
  );
}

const SOURCES: Readonly<Record<UnreadSource["source"], string>> = {
  log: "Newer events are not known",
  queue: "The queue's count is not known",
  deadLetterQueue: "The dead-letter queue's count is not known",
};

function Unread({ source, since, error }: UnreadSource) {
  return (
    <Message tone="warn">
      {SOURCES[source]} since {formatTimeOfDay(since)}. {error}
    </Message>
  );
}

/** A notice about the events that the list no longer has, and where they are. */
function MissingEventsNotice({ state, hello }: { readonly state: PageState; readonly hello: Hello }) {
  const { events, filter } = state;
  const { count, isExact } = events.missing;
  if (count === 0 || state.isMissingDismissed) return null;
  const type = filter.type || events.types(1)[0];
  const command = type === undefined ? undefined : typeCommand(type, hello.cliOptions);
  return (
    <Message tone="warn">
      {!isExact && "Up to "}
      {formatCount(count)} older events {!isExact && "that match the filter "}are no longer in this list, which keeps
      the newest {formatCount(hello.maxEvents)}. The stored ones are in the table.
      {command !== undefined && <CopyButton label="Copy command" text={command} />}
      <button type="button" class="plain" onClick={() => state.dismissMissing()}>
        Dismiss
      </button>
    </Message>
  );
}

/** Warnings, errors, and notes about missing information. */
export function Notices({ state }: { readonly state: PageState }) {
  const { connection, updatedAt, hello, update, wasRestarted, searchError } = state;
  const { reason } = connection;
  const last =
    updatedAt === 0 ? "" : ` Last update: ${formatTimeOfDay(updatedAt)}, ${formatTimeAgo(updatedAt, Date.now())}.`;
  return (
    <div class="notices" aria-live="polite">
      {connection.state === "stale" && <Message tone="warn">The server does not respond.{last}</Message>}
      {connection.state === "closed" && (
        <Message tone="bad">
          {reason ?? "The server stopped or is restarting. Reconnecting…"}
          {last}
        </Message>
      )}
      {connection.state === "refused" && <Message tone="bad">{reason}</Message>}
      {connection.state === "live" &&
        update?.sources?.unread.map((unread) => <Unread key={unread.source} {...unread} />)}
      {connection.state === "live" && update?.sources?.warning && (
        <Message tone="warn">{update.sources.warning}</Message>
      )}
      {searchError !== undefined && (
        <Message tone="warn">Events with long texts may be missing from the list. {searchError}</Message>
      )}
      {wasRestarted && hello && (
        <Message tone="warn">
          A new run started at {formatTimeOfDay(hello.since)}, so this list and its counts start again.{" "}
          {hello.keepsData
            ? "Earlier items, messages and objects are still there."
            : "The data of the earlier run was in memory and is lost."}
        </Message>
      )}
      {hello && <MissingEventsNotice state={state} hello={hello} />}
      {hello?.isLive === false && hello.notes.map((note) => <Message key={note}>{note}</Message>)}
    </div>
  );
}
