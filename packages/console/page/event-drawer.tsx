import { traceIdIn } from "@event-pipeline/event-model/envelope";
import type { RefusalCode } from "@event-pipeline/event-model/refusal";
import { useEffect, useRef, useState } from "preact/hooks";
import type { EventDetail, EventRow, PublishRequest } from "../api";
import type { ApiClient } from "./api-client";
import { showCommand } from "./cli-command";
import { CopyButton, type Fact, Facts, Message, useReturnedFocus } from "./controls";
import { formatBytes, formatDuration, formatTimeOfDay } from "./format";
import { isJson, prettyJson } from "./json-text";
import { STATUS_TONES, STATUSES } from "./list-filter";
import { RedriveSection } from "./redrive-section";
import { Trace } from "./trace";
import { useContracts } from "./use-contracts";

/** Codes of the refusals by contracts. */
const JUDGED_BY_CONTRACTS: readonly string[] = ["CONTRACT_VIOLATED", "UNKNOWN_TYPE"] satisfies RefusalCode[];

/** Maximum length of indented text. Indentation makes deeply nested JSON much longer. */
const MAX_PRETTY = 1_000_000;

export interface EventDrawerProps {
  readonly messageId: string;
  /** The event's row, if the list still has it. */
  readonly row: EventRow | undefined;
  readonly api: ApiClient;
  readonly cliOptions: string;
  readonly pipelineName: string;
  readonly onClose: () => void;
  /** Shows the contract of a type. */
  readonly onContract: (type: string) => void;
  readonly onResend: (draft: PublishRequest) => void;
}

/** Shows one event, and what can be done with it. */
export function EventDrawer(props: EventDrawerProps) {
  const { messageId, row, api, cliOptions, pipelineName, onClose, onContract, onResend } = props;
  const [detail, setDetail] = useState<EventDetail>();
  const [problem, setProblem] = useState<string>();
  const closer = useRef<HTMLButtonElement>(null);

  useReturnedFocus();
  useEffect(() => closer.current?.focus(), []);

  useEffect(() => {
    let isCurrent = true;
    api.detail(messageId).then(
      (found) => {
        if (!isCurrent) return;
        setDetail(found);
        setProblem(undefined);
      },
      (error: Error) => isCurrent && setProblem(error.message),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, messageId, row]);

  const shown = row ?? detail?.row;
  const body = detail?.body;
  const traceId = traceIdIn(detail?.attributes.traceparent);
  const { contracts = [] } = useContracts(api) ?? {};
  const contract = contracts.find(({ type }) => type === shown?.type);
  // The log of a deployment does not have the type of a refused event.
  const isJudged = contracts.length > 0 && JUDGED_BY_CONTRACTS.includes(String(shown?.errorCode));
  const contractName = contract ? `${contract.title}, version ${contract.version}` : "All contracts";
  return (
    <aside class="drawer" aria-label="Event">
      <header class="title line">
        <div>
          <h2>{shown?.type || "Event"}</h2>
          {shown && (
            <p class={`toned ${STATUS_TONES[shown.status]}`}>
              {STATUSES[shown.status]}
              {shown.stages.table === "failed" && shown.errorCode !== undefined && ` · ${shown.errorCode}`}
              {shown.latencyMs !== undefined && ` · ${formatDuration(shown.latencyMs)}`}
            </p>
          )}
        </div>
        <button type="button" class="plain push" ref={closer} onClick={onClose} aria-label="Close the event">
          ✕
        </button>
      </header>
      <div class="drawer-body">
        {problem !== undefined && <Message tone="bad">{problem}</Message>}
        {detail?.notes.map((note) => (
          <Message key={note} tone="warn">
            {note}
          </Message>
        ))}
        <Facts
          facts={[
            ["Message ID", messageId],
            ...(shown
              ? ([
                  ["Event ID", shown.eventId],
                  ["Published", `${formatTimeOfDay(shown.at)} · ${formatBytes(shown.bytes)}`],
                ] as const)
              : []),
            ...factIf("Subject", detail?.subject),
            ...factIf("Mapped by", detail?.mappedBy),
            ...factIf("Trace ID", traceId),
            ...factIf(
              "Contract",
              (contract || isJudged) && (
                <button type="button" class="plain link" onClick={() => onContract(shown?.type ?? "")}>
                  {contractName}
                </button>
              ),
            ),
          ]}
        />
        <div class="bar bordered">
          {detail && (
            <CopyButton
              label="Copy all"
              text={JSON.stringify(detail, null, 2)}
              title="The event, its attributes and its hops"
            />
          )}
          <CopyButton label="Copy command" text={showCommand(messageId, cliOptions)} />
          {detail && (
            <button
              type="button"
              disabled={body === undefined}
              onClick={() => body !== undefined && onResend({ message: body, attributes: detail.attributes })}
            >
              Edit and resend
            </button>
          )}
        </div>
        {shown && <RedriveSection row={shown} hops={detail?.hops ?? []} api={api} cliOptions={cliOptions} />}
        {detail && <EventContent detail={detail} pipelineName={pipelineName} />}
      </div>
    </aside>
  );
}

/** Returns the fact if it has a value. */
function factIf(name: string, value: Fact[1]): Fact[] {
  return value === undefined || value === false ? [] : [[name, value]];
}

/** The event's trace, text, stored item and attributes. */
function EventContent({ detail, pipelineName }: { readonly detail: EventDetail; readonly pipelineName: string }) {
  const [isRaw, setRaw] = useState(false);
  const { body, item } = detail;
  const attributes = Object.entries(detail.attributes);
  return (
    <>
      <Trace detail={detail} pipelineName={pipelineName} />
      <section>
        <div class="bar">
          <h3>{body === undefined || isJson(body) ? "JSON" : "Text (not JSON)"}</h3>
          {body !== undefined && (
            <>
              <button type="button" class="plain push" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
                Raw
              </button>
              <CopyButton label="Copy" text={body} title="The text as published" />
            </>
          )}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll the text. */}
        <pre tabIndex={0}>{textOf(body, isRaw) ?? "The text is not available."}</pre>
      </section>
      {item !== undefined && (
        <section>
          <div class="bar">
            <h3>Stored item</h3>
            <span class="push">
              <CopyButton label="Copy" text={item} title="The item with all its attributes" />
            </span>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll the text. */}
          <pre tabIndex={0}>{textOf(item, false)}</pre>
        </section>
      )}
      <section>
        <h3>Message attributes</h3>
        <Facts facts={attributes} />
        {attributes.length === 0 && <p class="note">None</p>}
      </section>
    </>
  );
}

function textOf(body: string | undefined, isRaw: boolean): string | undefined {
  if (body === undefined || isRaw) return body;
  const pretty = prettyJson(body);
  return pretty.length > MAX_PRETTY ? body : pretty;
}
