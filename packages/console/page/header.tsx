import type { ConnectionState } from "./connection";
import type { Session } from "./session";

const STATE_TEXT: Readonly<Record<ConnectionState, string>> = {
  connecting: "Connecting",
  live: "Live",
  stale: "No answer",
  closed: "Disconnected",
  refused: "Not allowed",
};

export function Header({ session, onSend }: { readonly session: Session; readonly onSend: () => void }) {
  const { hello, state } = session;
  return (
    <header class="top">
      <img src="/icon.svg" alt="" width="24" height="24" />
      <p class="name">{hello?.name ?? "event-pipeline"}</p>
      {hello && <span class={`badge ${hello.mode}`}>{hello.mode === "local" ? "LOCAL" : "AWS"}</span>}
      {hello && <span class="where">{hello.region}</span>}
      <span class={`connection ${state}`} role="status">
        <span class="dot" aria-hidden="true" />
        {STATE_TEXT[state]}
      </span>
      <button type="button" class="primary" onClick={onSend} disabled={state !== "live"}>
        Send event
      </button>
    </header>
  );
}
