import { ago, clock, count } from "./format";
import type { Session } from "./session";

/** What is out of order, and what the page cannot show. */
export function Notices({ session }: { readonly session: Session }) {
  const { state, reason, heardAt, hello, batch, events, wasRestarted } = session;
  const last = heardAt === 0 ? "" : ` What you see is as of ${clock(heardAt)}, ${ago(heardAt, Date.now())}.`;
  return (
    <div class="notices" aria-live="polite">
      {state === "stale" && <p class="warning">The run does not answer.{last}</p>}
      {state === "closed" && (
        <p class="error">
          {reason ?? "The connection is closed: the run has ended, or is starting anew. Trying again."}
          {last}
        </p>
      )}
      {state === "refused" && <p class="error">{reason}</p>}
      {state === "live" && batch?.trouble && <p class="warning">{batch.trouble}</p>}
      {wasRestarted && hello && (
        <p>The run was started anew at {clock(hello.since)}; what its page had before is gone.</p>
      )}
      {events.missed > 0 && (
        <p class="warning">{count(events.missed)} events came and went faster than this page could be told of them.</p>
      )}
      {hello?.isLive === false && hello.notes.map((note) => <p key={note}>{note}</p>)}
    </div>
  );
}
