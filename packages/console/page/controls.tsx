import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const FEEDBACK_MS = 1_500;

export interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  /** Tooltip. @default - the first 300 characters of the text */
  readonly title?: string;
}

/** A button that copies a text to the clipboard and confirms it for 1.5 s. */
export function CopyButton({ text, label, title = text.slice(0, 300) }: CopyButtonProps) {
  const [feedback, setFeedback] = useState<string>();
  const copy = async () => {
    const result = await navigator.clipboard.writeText(text).then(
      () => "Copied",
      () => "Not allowed",
    );
    setFeedback(result);
    setTimeout(() => setFeedback(undefined), FEEDBACK_MS);
  };
  return (
    <button type="button" class="plain" title={title} onClick={() => void copy()}>
      <span aria-live="polite">{feedback ?? label}</span>
    </button>
  );
}

export interface MessageProps {
  readonly tone: "good" | "warn" | "bad";
  readonly children: ComponentChildren;
}

/** A sentence about success, a warning or an error. */
export function Message({ tone, children }: MessageProps) {
  return <p class={`message tinted ${tone}`}>{children}</p>;
}

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog. The browser keeps the focus inside, and Escape closes it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <header class="title">
        <h2>{title}</h2>
        <button type="button" class="plain" onClick={onClose} aria-label={`Close: ${title}`}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}
