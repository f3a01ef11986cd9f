import { useState } from "preact/hooks";
import type { PublishRequest } from "../api";
import { DeadLettersDialog } from "./dead-letters-dialog";
import { EventDrawer } from "./event-drawer";
import { EventList } from "./event-list";
import { FilterBar } from "./filter-bar";
import { Header, Notices } from "./header";
import type { PageState } from "./page-state";
import { PipelineStrip } from "./pipeline-strip";
import { SendDialog } from "./send-dialog";

export function App({ state }: { readonly state: PageState }) {
  const [selected, select] = useState<string>();
  const [dialog, openDialog] = useState<"dead letters" | { readonly draft: PublishRequest }>();
  const closeDialog = () => openDialog(undefined);
  const shared = { api: state.api, cliOptions: state.hello?.cliOptions ?? "" };
  const dialogProps = {
    ...shared,
    onClose: closeDialog,
    onShow: (messageId: string) => {
      closeDialog();
      select(messageId);
    },
  };
  return (
    <div class="page">
      <Header state={state} onSend={() => openDialog({ draft: { message: "", attributes: {} } })} />
      <main>
        <Notices state={state} />
        <PipelineStrip state={state} onDeadLetters={() => openDialog("dead letters")} />
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
          onResend={(draft) => openDialog({ draft })}
        />
      )}
      {dialog === "dead letters" && <DeadLettersDialog {...dialogProps} />}
      {typeof dialog === "object" && <SendDialog {...dialogProps} {...dialog} />}
    </div>
  );
}
