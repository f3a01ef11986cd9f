import { useEffect, useState } from "preact/hooks";
import { DeadLettersDialog } from "./dead-letters-dialog";
import { EventDrawer } from "./event-drawer";
import { EventList } from "./event-list";
import { FilterBar } from "./filter-bar";
import { Header, Notices } from "./header";
import type { PageState } from "./page-state";
import { PipelineStrip } from "./pipeline-strip";
import { type Draft, SendDialog } from "./send-dialog";

export function App({ state }: { readonly state: PageState }) {
  const [, redraw] = useState(0);
  useEffect(() => state.onChange(() => redraw((version) => version + 1)), [state]);
  const [selected, select] = useState<string>();
  const [draft, setDraft] = useState<Draft>();
  const [isDeadLettersOpen, setDeadLettersOpen] = useState(false);
  const shared = { api: state.api, cliOptions: state.hello?.cliOptions ?? "" };
  return (
    <div class={selected === undefined ? "page" : "page with-drawer"}>
      <Header state={state} onSend={() => setDraft({ message: "", attributes: {} })} />
      <main>
        <h1 class="visually-hidden">Events of the pipeline {state.hello?.name}</h1>
        <Notices state={state} />
        <PipelineStrip state={state} onDeadLetters={() => setDeadLettersOpen(true)} />
        <FilterBar state={state} />
        <EventList state={state} selected={selected} onSelect={select} />
      </main>
      {selected !== undefined && (
        <EventDrawer
          key={selected}
          {...shared}
          messageId={selected}
          row={state.events.row(selected)}
          onClose={() => select(undefined)}
          onResend={setDraft}
        />
      )}
      {draft && (
        <SendDialog
          {...shared}
          draft={draft}
          onClose={() => setDraft(undefined)}
          onShow={(messageId) => {
            setDraft(undefined);
            select(messageId);
          }}
        />
      )}
      {isDeadLettersOpen && (
        <DeadLettersDialog
          {...shared}
          onClose={() => setDeadLettersOpen(false)}
          onShow={(messageId) => {
            setDeadLettersOpen(false);
            select(messageId);
          }}
        />
      )}
    </div>
  );
}
