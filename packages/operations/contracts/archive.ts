import { type ContractSet, eventContractsOf } from "@event-pipeline/contracts/contract-set";
import type { EventContracts } from "@event-pipeline/contracts/event-contracts";
import type { Envelope } from "@event-pipeline/event-model/envelope";
import type { RefusalCode, RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { openArchive, type TimeRange } from "../archive/archived-objects";
import { archivedRecords, type Unreadable } from "../archive/archived-records";
import { toOperationError } from "../aws-errors";
import type { OperationError } from "../errors";
import { type ExpectedOutcome, expectedOutcomeKeyOnly, type ItemKey } from "../expected-outcome";
import type { Pipeline } from "../pipeline";

/** Archived events that contracts would refuse for the same reason. */
export interface ArchivedRefusals {
  /** The type of the events; undefined if they have none, or for types beyond the limit. */
  readonly type: string | undefined;
  readonly code: RefusalCode;
  /** JSON pointer to the rule in the contract; undefined if the reason is not a rule. */
  readonly rule: string | undefined;
  readonly count: number;
  /** The MessageIds of the first events. */
  readonly messageIds: readonly string[];
  /** The reason of the first refusal, as a sentence. */
  readonly reason: string;
}

export interface ArchiveCheckOptions {
  /** The contracts by which the handler works now. */
  readonly deployed: EventContracts;
  readonly timeRange: TimeRange;
  readonly signal: AbortSignal;
  readonly onUnreadable: (unreadable: Unreadable) => void;
  /** Receives the number of events that were read. */
  readonly onProgress?: (read: number) => void;
}

export interface ArchiveCheck {
  /** The number of events that were read. */
  readonly read: number;
  /** The number of events that the deployed contracts refuse, too. */
  readonly refusedBefore: number;
  /** The events that the deployed contracts accept and the new ones refuse, the largest group first. */
  readonly refusals: readonly ArchivedRefusals[];
  /** The error that ended the check early. */
  readonly stoppedBy: OperationError | undefined;
}

/** Maximum number of MessageIds in a group. */
const MAX_EXAMPLES = 3;
/** Maximum number of groups by type. Publishers choose the types. */
const MAX_GROUPS = 1_000;

/**
 * Validates archived events by contracts and a mapping that are not deployed yet.
 *
 * @example
 * const { refusals } = await checkArchive(pipeline, edited, { deployed, timeRange: { since }, signal, onUnreadable });
 */
export async function checkArchive(
  pipeline: Pipeline,
  set: ContractSet,
  { deployed, timeRange, signal, onUnreadable, onProgress }: ArchiveCheckOptions,
): Promise<ArchiveCheck> {
  const archive = await openArchive(pipeline, signal);
  const next = eventContractsOf(set);
  const groups = new Map<string, Group>();
  let read = 0;
  let refusedBefore = 0;
  let stoppedBy: OperationError | undefined;
  try {
    for await (const { envelope } of archivedRecords({ archive, timeRange, onUnreadable, signal })) {
      read += 1;
      onProgress?.(read);
      const outcome = outcomeOf(envelope, next);
      if (!outcome.refusal) continue;
      if (outcomeOf(envelope, deployed).refusal) refusedBefore += 1;
      else addTo(groups, envelope, outcome.storable?.event_type, outcome.refusal);
    }
  } catch (error) {
    if (!signal.aborted) stoppedBy = toOperationError(error, archive.target);
  }
  const refusals = [...groups.values()].sort((one, other) => other.count - one.count);
  return { read, refusedBefore, refusals, stoppedBy };
}

type Group = Omit<ArchivedRefusals, "count" | "messageIds"> & { count: number; readonly messageIds: string[] };

/** Adds an event to the group with its type, code and rule. */
function addTo(
  groups: Map<string, Group>,
  { messageId }: Envelope,
  eventType: string | undefined,
  { code, rule, message: reason }: RefusedMessageError,
): void {
  const ofType = JSON.stringify([code, rule, eventType]);
  const hasRoom = groups.has(ofType) || groups.size < MAX_GROUPS;
  const [type, key] = hasRoom ? [eventType, ofType] : [undefined, JSON.stringify([code])];
  const group = groups.get(key) ?? { type, code, rule: hasRoom ? rule : undefined, count: 0, messageIds: [], reason };
  groups.set(key, group);
  group.count += 1;
  if (group.messageIds.length < MAX_EXAMPLES) group.messageIds.push(messageId);
}

function outcomeOf(envelope: Envelope, current: EventContracts): ExpectedOutcome<ItemKey> {
  return expectedOutcomeKeyOnly(envelope, 0, { current, formerMappings: [] });
}
