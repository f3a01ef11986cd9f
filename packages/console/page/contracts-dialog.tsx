import { useState } from "preact/hooks";
import type { ContractDetail } from "../api";
import type { ApiClient } from "./api-client";
import { CopyButton, Dialog, Facts, Message } from "./controls";
import { prettyJson } from "./json-text";
import { useContracts } from "./use-contracts";

export interface ContractsDialogProps {
  readonly api: ApiClient;
  /** The type whose contract is shown first. */
  readonly type: string;
  readonly onClose: () => void;
  /** Writes an event that begins as this example. */
  readonly onUse: (example: string) => void;
}

/** Shows the deployed contracts, one at a time. */
export function ContractsDialog({ api, type: firstType, onClose, onUse }: ContractsDialogProps) {
  const [type, setType] = useState(firstType);
  const { contracts, notKnown } = useContracts(api) ?? {};
  const shown = contracts?.find((contract) => contract.type === type);
  return (
    <Dialog title="Contracts" onClose={onClose}>
      {notKnown !== undefined && <Message tone="bad">The deployed contracts are not known. {notKnown}</Message>}
      {contracts && contracts.length > 0 && (
        <ContractSelect label="Type" contracts={contracts} type={shown?.type ?? ""} onSelect={setType} />
      )}
      {contracts && !shown && notKnown === undefined && type !== "" && (
        <Message tone="warn">
          There is no contract of type <bdi>{type}</bdi>.
        </Message>
      )}
      {shown && <Contract contract={shown} onUse={onUse} />}
    </Dialog>
  );
}

export interface ContractSelectProps {
  readonly label: string;
  readonly contracts: readonly ContractDetail[];
  /** The selected type; an empty text for none. */
  readonly type: string;
  readonly onSelect: (type: string) => void;
}

/** Selects the type of a contract. */
export function ContractSelect({ label, contracts, type, onSelect }: ContractSelectProps) {
  return (
    <label class="contract-select">
      <b class="note">{label}</b>
      <select value={type} onChange={({ currentTarget }) => onSelect(currentTarget.value)}>
        {type === "" && <option value="">Select a type</option>}
        {contracts.map((contract) => (
          <option key={contract.type} value={contract.type}>
            {contract.type}
          </option>
        ))}
      </select>
    </label>
  );
}

function Contract({ contract, onUse }: { readonly contract: ContractDetail } & Pick<ContractsDialogProps, "onUse">) {
  const { title, description, version, hash, schema, examples } = contract;
  return (
    <>
      <section>
        <h3 dir="auto">{title}</h3>
        <p dir="auto">{description}</p>
      </section>
      <Facts
        facts={[
          ["Version", <bdi key="version">{version}</bdi>],
          ["Hash", <code key="hash">{hash.slice(0, 8)}</code>],
        ]}
      />
      {examples.map((example, index) => (
        <section key={example}>
          <div class="bar">
            <h3>{examples.length === 1 ? "Example" : `Example ${index + 1}`}</h3>
            <button type="button" class="plain push" onClick={() => onUse(example)}>
              Edit and send
            </button>
            <CopyButton label="Copy" text={example} />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll the text. */}
          <pre tabIndex={0}>{prettyJson(example)}</pre>
        </section>
      ))}
      <section>
        <div class="bar">
          <h3>Schema</h3>
          <span class="push">
            <CopyButton label="Copy" text={schema} />
          </span>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll the text. */}
        <pre tabIndex={0}>{prettyJson(schema)}</pre>
      </section>
    </>
  );
}
