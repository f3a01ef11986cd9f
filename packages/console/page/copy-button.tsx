import { useState } from "preact/hooks";

/** How long a button says what became of it. */
const SAID_MS = 1_500;

export function CopyButton({
  text,
  label,
  title,
}: {
  readonly text: string;
  readonly label: string;
  readonly title?: string;
}) {
  const [said, say] = useState<string>();
  const copy = async () => {
    const outcome = await navigator.clipboard.writeText(text).then(
      () => "Copied",
      () => "Not allowed",
    );
    say(outcome);
    setTimeout(() => say(undefined), SAID_MS);
  };
  return (
    <button type="button" class="quiet" title={title ?? text.slice(0, 300)} onClick={() => void copy()}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
