import { Dialog } from "./controls";

const KEYS = [
  ["/", "Go to the filter"],
  ["n", "Send an event"],
  ["Ctrl+Enter ⌘+Enter", "Send the event that you write"],
  ["?", "Show this help"],
  ["Escape", "Leave the filter, or close the dialog or the event"],
  ["↑ ↓", "Move in the list"],
  ["Home End", "Go to the newest or the oldest event"],
  ["Enter", "Open the event"],
] as const;

/** Lists the keyboard shortcuts. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="facts">
        {KEYS.map(([keys, action]) => [
          <dt key={keys}>
            <kbd>{keys}</kbd>
          </dt>,
          <dd key={action}>{action}</dd>,
        ])}
      </dl>
    </Dialog>
  );
}
