import { setImmediate as nextTurn } from "node:timers/promises";
import type { EventContracts } from "@event-pipeline/contracts/event-contracts";
import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { parseEvent } from "@event-pipeline/event-model/event";
import type { UnreadableTime } from "@event-pipeline/event-model/event-time";
import { type SizedItem, toEventItem } from "@event-pipeline/event-model/item/item";
import type { SQSRecord } from "aws-lambda";
import type { Deadline } from "./deadline";

/** A record, and either its item or the error that explains why it has none. */
export interface ParsedMessage {
  readonly record: SQSRecord;
  /** The parsed body; absent if it is not an envelope. */
  readonly envelope?: Envelope;
  readonly item?: SizedItem;
  /** The event's time, if it cannot be read. The item then has SNS's time. */
  readonly unreadableTime?: UnreadableTime | undefined;
  readonly error?: Error;
}

/** The records of a batch that are processed together. */
export interface MessageGroup {
  readonly messages: readonly ParsedMessage[];
  /** Records not parsed before the deadline. Empty in every group but the last. */
  readonly unparsed: readonly SQSRecord[];
}

/**
 * Maximum size of a group. A larger record is a group by itself. Parsing a group blocks the event loop for up to 20 ms on a
 * full CPU core. Until the group is sent, each map value takes about 200 bytes of memory, and each character of text six.
 */
const GROUP_LIMITS = { records: 100, bodyCharacters: 256 * 1_024, mapValues: 20_000 };

/**
 * Converts a record's event into an item. Returns an error instead of throwing it.
 *
 * @param eventTtlDays - Days from SNS's receipt until the item expires; 0 for never.
 */
export function parseMessage(record: SQSRecord, contracts: EventContracts, eventTtlDays: number): ParsedMessage {
  let envelope: Envelope | undefined;
  try {
    envelope = parseEnvelope(record.body);
    const event = parseEvent(envelope, contracts);
    contracts.validate(event);
    const item = toEventItem(envelope, event, eventTtlDays);
    return { record, envelope, item, unreadableTime: event.unreadableTime };
  } catch (error) {
    return { record, ...(envelope && { envelope }), error: error as Error };
  }
}

/**
 * Parses a batch in groups, smallest body first, so that large or hostile bodies do not delay smaller ones. Messages that
 * cannot be stored come last, because a dead letter takes ten times as much work as an item.
 *
 * @param eventTtlDays - Days from SNS's receipt until the item expires; 0 for never.
 * @param deadline - Checked before each record.
 */
export async function* parseInGroups(
  records: readonly SQSRecord[],
  contracts: EventContracts,
  eventTtlDays: number,
  deadline: Deadline,
): AsyncGenerator<MessageGroup, void, void> {
  const bySize = [...records].sort((one, other) => one.body.length - other.body.length);
  const failed: ParsedMessage[] = [];
  let parsed: ParsedMessage[] = [];
  let left = { ...GROUP_LIMITS };
  let count = 0;
  for (const record of bySize) {
    if (deadline.hasPassed()) break;
    const isFull = left.records <= 0 || left.bodyCharacters < record.body.length || left.mapValues <= 0;
    if (isFull && parsed.length > 0) {
      yield { messages: parsed, unparsed: [] };
      parsed = [];
      left = { ...GROUP_LIMITS };
      // Handles responses that arrived while parsing blocked the event loop.
      await nextTurn();
    }
    const message = parseMessage(record, contracts, eventTtlDays);
    count += 1;
    (message.item ? parsed : failed).push(message);
    left.records -= 1;
    left.bodyCharacters -= record.body.length;
    left.mapValues -= message.item?.mapValues ?? 0;
  }
  yield { messages: parsed, unparsed: [] };
  for (let start = 0; start < failed.length; start += GROUP_LIMITS.records) {
    yield { messages: failed.slice(start, start + GROUP_LIMITS.records), unparsed: [] };
  }
  yield { messages: [], unparsed: bySize.slice(count) };
}
