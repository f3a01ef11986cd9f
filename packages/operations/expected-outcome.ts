import type { Envelope } from "@event-pipeline/event-model/envelope";
import { type Event, parseEvent } from "@event-pipeline/event-model/event";
import { type EventKey, keyText } from "@event-pipeline/event-model/item/attributes";
import { type EventItem, expiryOf, surelyFits, toEventItem } from "@event-pipeline/event-model/item/item";
import { eventKeyOf, formerKeyOf, storedIdOf } from "@event-pipeline/event-model/item/key";
import type { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { DeployedContracts } from "./deployed-contracts";

/** The attributes that identify an item and its expiry. */
export type ItemKey = Pick<EventItem, "event_type" | "timestamp_id" | "expires_at">;

/** The contracts and mappings that decide about an event, besides its envelope. */
export type OutcomeContracts = Pick<DeployedContracts, "current" | "formerMappings">;

/** The handler's expected result for an envelope: an item to store, or a refusal. */
export interface ExpectedOutcome<Item extends ItemKey = EventItem> {
  readonly envelope: Envelope;
  readonly event: Event | undefined;
  /** The item that the handler stores; undefined if it refuses the event. */
  readonly item: Item | undefined;
  /**
   * The same item, also if the handler refuses the event only because of its contract: it stored the event before the
   * contract was what it is.
   */
  readonly storable: Item | undefined;
  /** The other keys under which an earlier handler may have stored the event. */
  readonly formerKeys: readonly EventKey[];
  readonly refusal: RefusedMessageError | undefined;
}

/**
 * Returns the item that the handler stores for an envelope, or the reason for which the handler refuses the envelope.
 *
 * @param eventTtlDays - The number of days after which items expire; 0 for never.
 */
export function expectedOutcome(
  envelope: Envelope,
  eventTtlDays: number,
  contracts: OutcomeContracts,
): ExpectedOutcome {
  const { mapping } = contracts.current;
  return outcomeFrom(
    envelope,
    contracts,
    () => parseEvent(envelope, { mapping }),
    (event) => toEventItem(envelope, event, eventTtlDays).item,
  );
}

/** Returns the same as `expectedOutcome`, in half the time. The items have only their key and expiry. */
export function expectedOutcomeKeyOnly(
  envelope: Envelope,
  eventTtlDays: number,
  contracts: OutcomeContracts,
): ExpectedOutcome<ItemKey> {
  const { mapping } = contracts.current;
  const parse = () => parseEvent(envelope, { mapping, maxValues: 0 });
  return outcomeFrom(envelope, contracts, parse, (event) =>
    surelyFits(event)
      ? { ...eventKeyOf(event, envelope), ...expiryOf(envelope.timestamp, eventTtlDays) }
      : toEventItem(envelope, parseEvent(envelope, { mapping }), eventTtlDays).item,
  );
}

function outcomeFrom<Item extends ItemKey>(
  envelope: Envelope,
  contracts: OutcomeContracts,
  parse: () => Event,
  toItem: (event: Event) => Item,
): ExpectedOutcome<Item> {
  const parsed = orRefusal(parse);
  if (parsed.refusal) {
    return { envelope, event: undefined, item: undefined, storable: undefined, formerKeys: [], ...parsed };
  }
  const event = parsed.value;
  const { refusal: violation } = orRefusal(() => contracts.current.validate(event));
  const { value: storable, refusal: unstorable } = orRefusal(() => toItem(event));
  const refusal = violation ?? unstorable;
  const formerKeys = formerKeysOf(event, envelope, contracts, storable);
  return { envelope, event, item: refusal ? undefined : storable, storable, formerKeys, refusal };
}

/**
 * Returns the keys of the event under each earlier mapping, without a mapping, and with the time that it had when the
 * pipeline read no numbers as times. Leaves out the present key.
 */
function formerKeysOf(
  event: Event,
  envelope: Envelope,
  { formerMappings }: OutcomeContracts,
  present: EventKey | undefined,
): EventKey[] {
  const unmapped = event.mappedBy === undefined ? event : parseEvent(envelope, { maxValues: 0 });
  const others = formerMappings.map((mapping) => parseEvent(envelope, { mapping, maxValues: 0 }));
  if (unmapped !== event) others.push(unmapped);
  const keys = [
    ...others.map((other) => orRefusal(() => eventKeyOf(other, envelope)).value),
    orRefusal(() => formerKeyOf(unmapped, envelope)).value,
  ];
  const presentText = present && keyText(present);
  const different = new Map<string, EventKey>();
  for (const key of keys) {
    if (!key) continue;
    const { event_type, timestamp_id } = key;
    const text = keyText(key);
    if (text !== presentText) different.set(text, { event_type, timestamp_id });
  }
  return [...different.values()];
}

/** Returns the keys under which the table may have the event. */
export function possibleKeysOf({ storable, formerKeys }: ExpectedOutcome<ItemKey>): EventKey[] {
  return storable ? [storable, ...formerKeys] : [...formerKeys];
}

/** Returns whether `stored`, a map by `keyText`, has the event. */
export function isStoredIn(stored: ReadonlyMap<string, unknown>, expected: ExpectedOutcome<ItemKey>): boolean {
  return possibleKeysOf(expected).some((key) => stored.has(keyText(key)));
}

/** Returns the event's type if it has a valid key, and the event's own ID if it has one. */
export function identityOf(
  envelope: Envelope,
  mapping: Mapping | undefined,
): { readonly type?: string; readonly eventId?: string } {
  const event = orRefusal(() => parseEvent(envelope, { mapping, maxValues: 0 })).value;
  const eventId = event && storedIdOf(event);
  const key = event && orRefusal(() => eventKeyOf(event, envelope)).value;
  return { ...(key && { type: key.event_type }), ...(eventId !== undefined && { eventId }) };
}

type OrRefusal<T> =
  | { readonly value: T; readonly refusal: undefined }
  | { readonly value: undefined; readonly refusal: RefusedMessageError };

function orRefusal<T>(read: () => T): OrRefusal<T> {
  try {
    return { value: read(), refusal: undefined };
  } catch (refusal) {
    if (refusal instanceof RefusedMessageError) return { value: undefined, refusal };
    throw refusal;
  }
}

/** Returns whether the item has expired. DynamoDB deletes expired items within a few days. */
export function isExpired({ expires_at }: ItemKey, now = Date.now()): boolean {
  return expires_at !== undefined && expires_at * 1_000 <= now;
}
