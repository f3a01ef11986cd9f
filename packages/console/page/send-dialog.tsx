import type { ComponentProps } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PublishRequest, SampleEvent, Verdict } from "../api";
import { publishCommand } from "./cli-command";
import { ContractSelect, ContractsDialog } from "./contracts-dialog";
import { ActionButton, type ActionDialogProps, CopyButton, Dialog, Message } from "./controls";
import { formatBytes } from "./format";
import { useContracts } from "./use-contracts";

/** Milliseconds without a change after which the server judges the message. */
const JUDGE_AFTER_MS = 250;

/** ID of the element that says how the handler judges the message. */
const JUDGMENT = "judgment";

const NO_COMMAND = "No command publishes exactly this text. There is one for a single line.";

export interface SendDialogProps extends ActionDialogProps {
  readonly draft: PublishRequest;
}

/** Publishes an event that the user writes, or selects from the samples and the examples of the contracts. */
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
        setMessage((before) => before || (found[0]?.message ?? ""));
      },
      (error: Error) => setProblem(error.message),
    );
  }, [api]);

  const attributes = attributesOf(attributeText);
  const [verdict, setVerdict] = useState<Partial<Verdict>>({});
  useEffect(() => {
    let isCurrent = true;
    // An answer about an earlier text is not shown.
    const show = (latest: Partial<Verdict>) => isCurrent && setVerdict(latest);
    const judge = async () => {
      if (message === "" || !attributes) return show({});
      await api.verdict({ message, attributes }).then(show, (error: Error) => show({ notKnown: error.message }));
    };
    const timer = setTimeout(() => void judge(), JUDGE_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [api, message, attributeText]);
  const { type, contractsHash, refusal, unreadableTime, notKnown } = verdict;
  const { contracts = [] } = useContracts(api, contractsHash) ?? {};
  const [selected, setSelected] = useState("");
  const example = (contracts.find((one) => one.type === selected) ?? contracts[0])?.examples[0];
  const contract = contracts.find((one) => one.type === type);
  /** The type whose contract is shown over this dialog. */
  const [contractOf, showContractOf] = useState<string>();
  const command = attributes && publishCommand(message, attributes, cliOptions);
  const send = async () => {
    if (!attributes) return;
    setSending(true);
    setProblem(undefined);
    setSent(undefined);
    await api.publish({ message, attributes }).then(
      ({ messageId }) => setSent(messageId),
      (error: Error) => setProblem(error.message),
    );
    setSending(false);
  };
  const selectSample = (text: string) => {
    setSent(undefined);
    setMessage(text);
  };
  const canSend = message !== "" && attributes !== undefined && !isSending;
  const editor = (label: string, field: ComponentProps<"textarea">, onChange: (value: string) => void) => (
    <label>
      <b class="note">{label}</b>
      <textarea
        {...field}
        spellcheck={false}
        onKeyDown={({ key, ctrlKey, metaKey }) => {
          if (key === "Enter" && (ctrlKey || metaKey) && canSend) void send();
        }}
        onInput={({ currentTarget }) => {
          setSent(undefined);
          onChange(currentTarget.value);
        }}
      />
    </label>
  );
  const dialog = (
    <Dialog title="Send event" onClose={onClose}>
      <fieldset class="bar samples">
        <legend class="note">
          <b>Samples</b>
        </legend>
        {samples.map(({ name, description, message: text }) => (
          <button key={name} type="button" title={description} onClick={() => selectSample(text)}>
            {name}
          </button>
        ))}
      </fieldset>
      {contracts.length > 0 && (
        <div class="bar bordered contracts">
          <ContractSelect
            label="Types with a contract"
            contracts={contracts}
            type={contracts.some((one) => one.type === selected) ? selected : (contracts[0]?.type ?? "")}
            onSelect={setSelected}
          />
          <button type="button" disabled={example === undefined} onClick={() => example && selectSample(example)}>
            Use example
          </button>
        </div>
      )}
      <div>
        {editor(
          "Message",
          {
            rows: 8,
            value: message,
            autofocus: true,
            "aria-invalid": refusal !== undefined,
            "aria-describedby": JUDGMENT,
          },
          setMessage,
        )}
        <p class="bar note">
          {formatBytes(new TextEncoder().encode(message).length)}
          {type !== undefined && (
            <span>
              Type <bdi>{type}</bdi>
              {contracts.length > 0 && !contract && ", which has no contract"}
            </span>
          )}
          {contract && (
            <button type="button" class="plain link" onClick={() => showContractOf(contract.type)}>
              Contract {contract.version}
            </button>
          )}
        </p>
      </div>
      <div>{editor("Attributes, one name=value per line", { rows: 2, value: attributeText }, setAttributeText)}</div>
      <div class="outcome" id={JUDGMENT} aria-live="polite">
        {refusal && (
          <Message tone="warn">
            The handler refuses this message ({refusal.code}) and sends it to the dead-letter queue. {refusal.reason}
          </Message>
        )}
        {unreadableTime && (
          <Message tone="warn">The event is stored under the time at which SNS receives it. {unreadableTime}</Message>
        )}
        {notKnown !== undefined && (
          <Message tone="warn">The message is judged without the deployed contracts. {notKnown}</Message>
        )}
        {!attributes && <Message tone="bad">Invalid attributes: expected one name=value pair per line.</Message>}
        {problem !== undefined && <Message tone="bad">{problem}</Message>}
        {sent !== undefined && (
          <Message tone="good">
            Sent as <code>{sent}</code>.
            <button type="button" class="plain" onClick={() => onShow(sent)}>
              Show trace
            </button>
          </Message>
        )}
      </div>
      <footer class="bar bordered">
        <CopyButton label="Copy command" text={command} title={command ?? NO_COMMAND} />
        <button type="button" class="push" onClick={onClose}>
          Close
        </button>
        <ActionButton class="primary" title="Send (Ctrl+Enter)" isAvailable={canSend} onClick={() => void send()}>
          {isSending ? "Sending…" : "Send"}
        </ActionButton>
      </footer>
    </Dialog>
  );
  return (
    <>
      {dialog}
      {contractOf !== undefined && (
        <ContractsDialog
          api={api}
          type={contractOf}
          onClose={() => showContractOf(undefined)}
          onUse={(text) => {
            showContractOf(undefined);
            selectSample(text);
          }}
        />
      )}
    </>
  );
}

/** Parses lines of `name=value`. Returns undefined if a line has another format. */
function attributesOf(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => /^\s*([^=\s]+)=(.+)$/.exec(line));
  if (pairs.some((pair) => pair === null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
