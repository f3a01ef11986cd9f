import type { ComponentChildren, ComponentProps } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiClient } from "./api-client";

const FEEDBACK_MS = 1_500;

export interface CopyButtonProps {
  /** The text to copy; undefined if there is none. The button then does nothing, and its tooltip must say why. */
  readonly text: string | undefined;
  readonly label: string;
  /** Tooltip. @default - the first 300 characters of the text */
  readonly title?: string | undefined;
}

/** A button that copies text to the clipboard and shows the result for 1.5 s. */
export function CopyButton({ text, label, title = text?.slice(0, 300) }: CopyButtonProps) {
  const [feedback, setFeedback] = useState<string>();
  const copy = async () => {
    if (text === undefined) return;
    const copied = navigator.clipboard.writeText(text);
    setFeedback(await copied.then(() => "Copied").catch(() => "Cannot copy"));
    setTimeout(() => setFeedback(undefined), FEEDBACK_MS);
  };
  return (
    <ActionButton class="plain" title={title} isAvailable={text !== undefined} onClick={() => void copy()}>
      <span aria-live="polite">{feedback ?? label}</span>
    </ActionButton>
  );
}

export interface ActionButtonProps extends ComponentProps<"button"> {
  readonly isAvailable: boolean;
}

/** A button that does nothing while it is not available. Unlike a disabled button, it keeps the focus then. */
export function ActionButton({ isAvailable, onClick, ...attributes }: ActionButtonProps) {
  return <button type="button" aria-disabled={!isAvailable} {...(isAvailable && { onClick })} {...attributes} />;
}

export type Fact = readonly [name: string, value: ComponentChildren];

/** A list of names and values. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => [
        <dt key={name} class="muted">
          {name}
        </dt>,
        <dd key={`${name} value`} dir="auto">
          {value}
        </dd>,
      ])}
    </dl>
  );
}

export type Tone = "good" | "warn" | "bad";

/** A paragraph that reports a success, a warning or an error; without a tone, a neutral note. */
export function Message({ tone, children }: { readonly tone?: Tone; readonly children: ComponentChildren }) {
  return <p class={`message ${tone ? `tinted ${tone}` : "muted"}`}>{children}</p>;
}

/** Properties of a dialog that acts on the pipeline. */
export interface ActionDialogProps {
  readonly api: ApiClient;
  readonly cliOptions: string;
  readonly onClose: () => void;
  /** Closes the dialog and opens the event's trace. */
  readonly onShow: (messageId: string) => void;
}

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Returns the focus to the element that had it before the component was shown. */
export function useReturnedFocus(): void {
  useEffect(() => {
    const { activeElement } = document;
    return () => {
      // Until an open dialog is removed, nothing outside of it accepts the focus.
      if (activeElement instanceof HTMLElement) queueMicrotask(() => activeElement.focus());
    };
  }, []);
}

/** A modal dialog. The browser keeps the focus in the dialog, and Escape closes the dialog. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useReturnedFocus();
  // Focuses the element with the attribute autofocus.
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <header class="title line">
        <h2>{title}</h2>
        <button type="button" class="plain push" onClick={onClose} aria-label={`Close: ${title}`}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}
