import { useEffect, useMemo, useState } from "preact/hooks";
import type { SampleEvent } from "../api";
import type { ApiClient } from "./api-client";
import { publishCommand } from "./cli-command";
import { CopyButton } from "./copy-button";
import { Dialog } from "./dialog";
import { bytes } from "./format";
import { isJson, prettyJson } from "./json-text";

/** What is to be sent. */
export interface Draft {
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SendDialogProps {
  readonly draft: Draft;
  readonly api: ApiClient;
  readonly cliOptions: string;
  readonly onClose: () => void;
  readonly onShow: (messageId: string) => void;
}

export function SendDialog({ draft, api, cliOptions, onClose, onShow }: SendDialogProps) {
  const [samples, setSamples] = useState<readonly SampleEvent[]>([]);
  const [message, setMessage] = useState(draft.message);
  const [attributeText, setAttributeText] = useState(
    Object.entries(draft.attributes)
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
  );
  const [sent, setSent] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);

  useEffect(() => {
    api.samples().then(
      (found) => {
        setSamples(found);
        setMessage((before) => before || prettyJson(found[0]?.message ?? ""));
      },
      (error: Error) => setProblem(error.message),
    );
  }, [api]);

  const attributes = useMemo(() => attributesOf(attributeText), [attributeText]);
  const command = attributes && publishCommand(message, attributes, cliOptions);
  const send = async () => {
    if (!attributes) return;
    setSending(true);
    setProblem(undefined);
    try {
      setSent((await api.publish({ message, attributes })).messageId);
    } catch (error) {
      setSent(undefined);
      setProblem((error as Error).message);
    }
    setSending(false);
  };
  return (
    <Dialog title="Send event" onClose={onClose}>
      <fieldset class="samples">
        <legend>Samples</legend>
        {samples.map(({ name, description, message: text }) => (
          <button key={name} type="button" title={description} onClick={() => setMessage(prettyJson(text))}>
            {name}
          </button>
        ))}
      </fieldset>
      <label class="editor">
        <span>Message</span>
        <textarea
          rows={12}
          spellcheck={false}
          value={message}
          onInput={({ currentTarget }) => setMessage(currentTarget.value)}
        />
      </label>
      <p class="note">
        {bytes(new TextEncoder().encode(message).length)}
        {message !== "" && !isJson(message) && " · not JSON: it becomes a dead letter"}
      </p>
      <label class="editor">
        <span>Attributes, a name=value a line</span>
        <textarea
          rows={2}
          spellcheck={false}
          value={attributeText}
          onInput={({ currentTarget }) => setAttributeText(currentTarget.value)}
        />
      </label>
      <div class="outcome" aria-live="polite">
        {!attributes && <p class="error">An attribute is a line name=value.</p>}
        {problem !== undefined && <p class="error">{problem}</p>}
        {sent !== undefined && (
          <p class="good">
            Sent as <code>{sent}</code>.{" "}
            <button type="button" class="link" onClick={() => onShow(sent)}>
              Show its way
            </button>
          </p>
        )}
      </div>
      <footer>
        {command !== undefined && <CopyButton label="Copy as CLI" text={command} />}
        <button type="button" onClick={onClose}>
          Close
        </button>
        <button
          type="button"
          class="primary"
          disabled={message === "" || !attributes || isSending}
          onClick={() => void send()}
        >
          {isSending ? "Sending…" : "Send"}
        </button>
      </footer>
    </Dialog>
  );
}

/** @returns undefined for a text with a line that is no name=value. */
function attributesOf(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => /^\s*([^=\s]+)=(.+)$/.exec(line));
  if (pairs.some((pair) => pair === null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
