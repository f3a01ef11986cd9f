import { useEffect, useState } from "preact/hooks";
import { DeadLettersDialog } from "./dead-letters-dialog";
import { EventDrawer } from "./event-drawer";
import { EventList } from "./event-list";
import { FilterBar } from "./filter-bar";
import { Header } from "./header";
import { Notices } from "./notices";
import { PipelineStrip } from "./pipeline-strip";
import { type Draft, SendDialog } from "./send-dialog";
import type { Session } from "./session";

export function App({ session }: { readonly session: Session }) {
  const [, redraw] = useState(0);
  useEffect(() => session.onChange(() => redraw((version) => version + 1)), [session]);
  const [selected, select] = useState<string>();
  const [draft, setDraft] = useState<Draft>();
  const [isLooking, setLooking] = useState(false);
  const cliOptions = session.hello?.cliOptions ?? "";
  return (
    <div class={selected === undefined ? "page" : "page with-drawer"}>
      <Header session={session} onSend={() => setDraft({ message: "", attributes: {} })} />
      <main>
        <h1 class="visually-hidden">Events of the pipeline {session.hello?.name}</h1>
        <Notices session={session} />
        <PipelineStrip session={session} onDeadLetters={() => setLooking(true)} />
        <FilterBar session={session} />
        <EventList session={session} selected={selected} onSelect={select} />
      </main>
      {selected !== undefined && (
        <EventDrawer
          key={selected}
          messageId={selected}
          row={session.events.row(selected)}
          api={session.api}
          cliOptions={cliOptions}
          onClose={() => select(undefined)}
          onResend={setDraft}
        />
      )}
      {draft && (
        <SendDialog
          draft={draft}
          api={session.api}
          cliOptions={cliOptions}
          onClose={() => setDraft(undefined)}
          onShow={(messageId) => {
            setDraft(undefined);
            select(messageId);
          }}
        />
      )}
      {isLooking && (
        <DeadLettersDialog
          api={session.api}
          cliOptions={cliOptions}
          onClose={() => setLooking(false)}
          onShow={(messageId) => {
            setLooking(false);
            select(messageId);
          }}
        />
      )}
    </div>
  );
}
