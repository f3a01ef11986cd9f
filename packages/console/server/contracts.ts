import { unreadableTimeIn } from "@event-pipeline/event-model/event";
import { explainReplacedTime } from "@event-pipeline/event-model/event-time";
import { timeOfSortKey } from "@event-pipeline/event-model/item/key";
import { type CurrentContracts, currentContracts, NO_CONTRACTS } from "@event-pipeline/operations/deployed-contracts";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { readSource } from "@event-pipeline/operations/reading";
import type { StoredEvent } from "@event-pipeline/operations/table/stored-event";
import type { Contracts } from "../api";

/** The contracts by which the handler works now; none, with the reason, if they could not be read. */
interface ReadContracts extends CurrentContracts {
  readonly notKnown?: string;
}

/** Reads the deployed contracts. It does not end with the request, because requests at the same time share it. */
export async function readContracts(pipeline: Pipeline): Promise<ReadContracts> {
  const reading = await readSource(() => currentContracts(pipeline), pipeline.description);
  if (reading.state === "there") return reading.value;
  return { ...NO_CONTRACTS, ...(reading.state === "not known" && { notKnown: reading.error.message }) };
}

/** Returns the deployed contracts as the page shows them. */
export async function contractsForPage(pipeline: Pipeline): Promise<Contracts> {
  const { current, set, notKnown } = await readContracts(pipeline);
  const contracts = (set?.contracts ?? []).map(({ type, version, hash, schema }) => {
    const { title = type, description = "", examples = [] } = schema;
    return {
      ...{ type, version, hash },
      title: String(title),
      description: String(description),
      examples: (examples as readonly unknown[]).map((example) => JSON.stringify(example)),
      schema: JSON.stringify(schema),
    };
  });
  return { hash: current.hash, contracts, ...(notKnown !== undefined && { notKnown }) };
}

/** Returns a sentence if the item's key has SNS's time, because the handler could not read the event's own. */
export async function replacedTimeNotes(pipeline: Pipeline, event: StoredEvent): Promise<string[]> {
  const { data, mapped_by: mappedBy, timestamp_id, received_at, attributes = {} } = event;
  if (timeOfSortKey(timestamp_id) !== received_at) return [];
  // The item does not say which mapping its entry was in. The current one most likely has the same entry.
  const { current, notKnown }: ReadContracts = mappedBy === undefined ? NO_CONTRACTS : await readContracts(pipeline);
  if (notKnown !== undefined) return [`Whether the event has a time of its own is not known. ${notKnown}`];
  const values = Object.entries(attributes).map(([name, value]) => [name, { type: "String", value }] as const);
  const unreadable = unreadableTimeIn({ message: data, attributes: new Map(values) }, current.mapping);
  return unreadable ? [explainReplacedTime(unreadable)] : [];
}
