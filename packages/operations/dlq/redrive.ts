import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import pMap from "p-map";
import { Pace } from "../pause";
import { MAX_ENTRIES } from "../sqs/queue-sender";
import { isMeant, type Letter, type LetterFilter, letterOf, NO_CODE } from "./dead-letter-message";
import type { Destination } from "./queue-destination";
import { Hold } from "./visibility-lease";

/** Requests at once. */
const LANES = 4;

export interface RedriveProps {
  readonly sqs: SQSClient;
  /** Of the dead-letter queue. */
  readonly queueUrl: string;
  readonly destination: Destination;
  readonly filter: LetterFilter;
  /**
   * Letters a second.
   * @default - as fast as it goes
   */
  readonly rate?: number | undefined;
  /**
   * For which a message is hidden at a time.
   * @default - 30, and more for many messages
   */
  readonly holdSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (redriven: Redriven) => void;
}

/** A letter that was taken back, as far as it can be followed. */
export interface SentLetter {
  /** Where a queue took it, the id that it has there. */
  readonly sqsMessageId: string | undefined;
  readonly body: string;
}

export interface Redriven {
  /** Messages that were looked at, but for those that came back. */
  seen: number;
  /** Those that were meant and taken back. */
  sent: number;
  /** Sent, but still in the dead-letter queue too: they come once more at the next redrive. */
  undeleted: number;
  /** Meant, but taken by somebody else before they were sent. */
  lost: number;
  /** Why the rest of those that were meant could not be sent, and how many each; they stay where they are. */
  readonly failures: Map<string, number>;
  /** Those that came back while others were still sent, by code. */
  readonly cameBack: Map<string, number>;
  /** Ids that those had in the queue. */
  readonly backIds: Set<string>;
  /** Whether the queue had no more to give. */
  whole: boolean;
  /** Messages that could not be given back at once; they come back by themselves after the hold. */
  notGivenBack: number;
  holdSeconds: number;
}

/**
 * Takes letters back to where they came from. One leaves its queue only after
 * its destination has taken it, so that whenever this ends, however it ends, none is lost; at worst
 * one is in both. What is not meant is held aside meanwhile and then given back.
 *
 * @param onSent - Told of each letter that was taken, for who wants to know what becomes of it.
 */
export async function redrive(
  { sqs, queueUrl, destination, filter, rate, holdSeconds, signal, onProgress }: RedriveProps,
  onSent: (letter: SentLetter) => void = () => undefined,
): Promise<Redriven> {
  const hold = await Hold.begin(sqs, queueUrl, holdSeconds);
  const redriven: Redriven = {
    seen: 0,
    sent: 0,
    undeleted: 0,
    lost: 0,
    failures: new Map(),
    cameBack: new Map(),
    backIds: new Set(),
    whole: false,
    notGivenBack: 0,
    holdSeconds: hold.seconds,
  };
  const pace = new Pace(rate);
  const sentIds = new Set<string>();

  const send = async (letters: readonly Letter[]): Promise<void> => {
    await pace.wait(letters.length, signal);
    if (signal?.aborted) return;
    const kept = new Set(await hold.keep(messagesOf(letters)));
    const ours = letters.filter(({ message }) => kept.has(message));
    redriven.lost += letters.length - ours.length;
    const { idByTaken, errorByLetter } = await destination.deliver(ours);
    for (const [, error] of errorByLetter) count(redriven.failures, error.message);
    for (const [{ message }, id] of idByTaken) {
      if (id !== undefined) sentIds.add(id);
      onSent({ sqsMessageId: id, body: message.Body ?? "" });
    }
    redriven.sent += idByTaken.size;
    redriven.undeleted += (await hold.delete(messagesOf([...idByTaken.keys()]))).length;
    onProgress?.(redriven);
  };

  try {
    for await (const messages of hold.messages(signal)) {
      const meant: Letter[] = [];
      for (const letter of messages.map(letterOf)) {
        const sentId = sentIdOf(letter, sentIds);
        if (sentId !== undefined) {
          if (!redriven.backIds.has(sentId)) count(redriven.cameBack, letter.code ?? NO_CODE);
          redriven.backIds.add(sentId);
        } else if (isMeant(filter, letter)) meant.push(letter);
      }
      redriven.seen = hold.seen - redriven.backIds.size;
      await pMap(chunks(meant, Math.max(1, Math.min(MAX_ENTRIES, rate ?? MAX_ENTRIES))), send, { concurrency: LANES });
      onProgress?.(redriven);
    }
    redriven.whole = hold.whole;
  } finally {
    redriven.notGivenBack = await hold.end();
  }
  return redriven;
}

/** Which of what was sent the letter is, refused again or moved here by SQS; undefined when it is none. */
export function sentIdOf(
  { sqsMessageId, originalMessageId }: Letter,
  sentIds: { has(id: string): boolean },
): string | undefined {
  return [originalMessageId, sqsMessageId].find((id) => id !== undefined && sentIds.has(id));
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function messagesOf(letters: readonly Letter[]): Message[] {
  return letters.map(({ message }) => message);
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const whole = Math.floor(size);
  return Array.from({ length: Math.ceil(values.length / whole) }, (_, index) =>
    values.slice(index * whole, (index + 1) * whole),
  );
}
