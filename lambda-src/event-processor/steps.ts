import { setImmediate as nextTurn } from "node:timers/promises";
import type { SQSRecord } from "aws-lambda";
import type { Deadline } from "./deadline";
import { type Message, readMessage } from "./message";

/** The records of a batch that are brought to their ends together. */
export interface Step {
  readonly messages: readonly Message[];
  /** Those that there was no time to read; only the last step has any. */
  readonly unread: readonly SQSRecord[];
}

/**
 * What a step holds at most, beyond its first record. To read as much takes up
 * to 20 ms of a whole core, for which nothing else is done. In memory a value of
 * a map takes some 200 bytes on its way to DynamoDB, a character of a text six.
 */
const STEP_LIMITS = { records: 100, bodyCharacters: 256 * 1_024, mapValues: 20_000 };

/**
 * Reads a batch step by step, smallest body first: however large or nasty a
 * body is, it is read when its neighbours are on their way. What cannot be read
 * comes in steps of its own after all others, because to set a message aside
 * takes ten times the work of storing one.
 *
 * @param eventTtlDays - Days from receipt to expiry; 0 for never.
 * @param deadline - Looked at before each record.
 */
export async function* readInSteps(
  records: readonly SQSRecord[],
  eventTtlDays: number,
  deadline: Deadline,
): AsyncGenerator<Step, void, void> {
  const bySize = [...records].sort((one, other) => one.body.length - other.body.length);
  const unreadable: Message[] = [];
  let readable: Message[] = [];
  let left = STEP_LIMITS;
  let read = 0;
  for (const record of bySize) {
    if (deadline.hasPassed()) break;
    const isFull = left.records <= 0 || left.bodyCharacters < record.body.length || left.mapValues <= 0;
    if (isFull && readable.length > 0) {
      yield { messages: readable, unread: [] };
      readable = [];
      left = STEP_LIMITS;
      // Reading holds up everything else: this lets the answers in that came meanwhile.
      await nextTurn();
    }
    const message = readMessage(record, eventTtlDays);
    read += 1;
    (message.item ? readable : unreadable).push(message);
    left = {
      records: left.records - 1,
      bodyCharacters: left.bodyCharacters - record.body.length,
      mapValues: left.mapValues - (message.item?.mapValues ?? 0),
    };
  }
  yield { messages: readable, unread: [] };
  for (let start = 0; start < unreadable.length; start += STEP_LIMITS.records) {
    yield { messages: unreadable.slice(start, start + STEP_LIMITS.records), unread: [] };
  }
  yield { messages: [], unread: bySize.slice(read) };
}
