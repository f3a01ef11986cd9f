import { useEffect, useState } from "preact/hooks";
import type { PublishRequest } from "../api";
import { ContractsDialog } from "./contracts-dialog";
import { DeadLettersDialog } from "./dead-letters-dialog";
import { EventDrawer } from "./event-drawer";
import { EventList } from "./event-list";
import { FILTER_START, FilterBar } from "./filter-bar";
import { Header, Notices } from "./header";
import { HelpDialog } from "./help-dialog";
import type { PageState } from "./page-state";
import { PipelineStrip } from "./pipeline-strip";
import { SendDialog } from "./send-dialog";

const EMPTY_DRAFT: PublishRequest = { message: "", attributes: {} };

/** Returns the key if it is a shortcut: alone, outside of fields and dialogs. */
function shortcutOf({ key, altKey, ctrlKey, metaKey, defaultPrevented, target }: KeyboardEvent): string | undefined {
  const isTyping = target instanceof Element && target.closest("input, select, textarea, dialog") !== null;
  const isTaken = altKey || ctrlKey || metaKey || defaultPrevented || isTyping;
  return isTaken || document.querySelector("dialog[open]") ? undefined : key;
}

export function App({ state }: { readonly state: PageState }) {
  const [dialog, openDialog] = useState<
    "dead letters" | "help" | { readonly draft: PublishRequest } | { readonly contractOf: string }
  >();
  const closeDialog = () => openDialog(undefined);
  const { openEvent } = state;
  const isLive = state.connection.state === "live";
  const shared = { api: state.api, cliOptions: state.hello?.cliOptions ?? "" };
  const dialogProps = {
    ...shared,
    onClose: closeDialog,
    onShow: (messageId: string) => {
      closeDialog();
      state.open(messageId);
    },
  };

  useEffect(() => {
    const actions: Readonly<Record<string, () => void>> = {
      "/": () => document.getElementById(FILTER_START)?.focus(),
      n: () => isLive && openDialog({ draft: EMPTY_DRAFT }),
      "?": () => openDialog("help"),
      Escape: () => state.close(),
    };
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      // In a dialog, Escape closes the dialog.
      if (event.key === "Escape" && target instanceof HTMLElement && target.closest("main :is(input, select)")) {
        target.blur();
        return;
      }
      const action = actions[shortcutOf(event) ?? ""];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [state, isLive]);

  return (
    <div class="page">
      <Header state={state} onSend={() => openDialog({ draft: EMPTY_DRAFT })} onHelp={() => openDialog("help")} />
      <main>
        <Notices state={state} />
        <PipelineStrip state={state} onDeadLetters={() => openDialog("dead letters")} />
        <FilterBar state={state} />
        <EventList state={state} />
      </main>
      {openEvent !== undefined && (
        <EventDrawer
          key={`${openEvent} ${state.hello?.run}`}
          {...shared}
          pipelineName={state.hello?.name ?? ""}
          messageId={openEvent}
          row={state.events.row(openEvent)}
          onClose={() => state.close()}
          onContract={(type) => openDialog({ contractOf: type })}
          onResend={(draft) => openDialog({ draft })}
        />
      )}
      {dialog === "dead letters" && <DeadLettersDialog {...dialogProps} events={state.events} />}
      {dialog === "help" && <HelpDialog onClose={closeDialog} />}
      {typeof dialog === "object" && "draft" in dialog && <SendDialog {...dialogProps} {...dialog} />}
      {typeof dialog === "object" && "contractOf" in dialog && (
        <ContractsDialog
          api={state.api}
          type={dialog.contractOf}
          onClose={closeDialog}
          onUse={(message) => openDialog({ draft: { message, attributes: {} } })}
        />
      )}
    </div>
  );
}
