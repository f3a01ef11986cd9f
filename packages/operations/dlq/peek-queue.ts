import type { SQSClient } from "@aws-sdk/client-sqs";
import type { QueueCounts } from "../sqs/queue-counts";
import { isMeant, type Letter, type LetterFilter, letterOf } from "./dead-letter-message";
import { Hold } from "./visibility-lease";

export interface LookProps {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly filter?: LetterFilter;
  /** Told of each letter that is meant; looking goes on when it has resolved, and ends when it says `"enough"`. */
  readonly onLetter: (letter: Letter) => Promise<"enough" | undefined> | "enough" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How looking into a queue went. */
export interface Looked {
  readonly seen: number;
  readonly meant: number;
  /** Of the queue before. */
  readonly counts: QueueCounts;
  /** Whether the queue had no more to show. */
  readonly whole: boolean;
  /** Messages that could not be given back at once; they come back by themselves after `holdSeconds`. */
  readonly notGivenBack: number;
  readonly holdSeconds: number;
}

/** Shows the messages of a queue, and gives every one back. Each look counts as a receive of each. */
export async function look({ sqs, queueUrl, filter = {}, onLetter, signal }: LookProps): Promise<Looked> {
  const hold = await Hold.begin(sqs, queueUrl);
  let meant = 0;
  let notGivenBack = 0;
  try {
    looking: for await (const messages of hold.messages(signal)) {
      for (const letter of messages.map(letterOf)) {
        if (!isMeant(filter, letter)) continue;
        meant += 1;
        if ((await onLetter(letter)) === "enough") break looking;
      }
    }
  } finally {
    notGivenBack = await hold.end();
  }
  const { seen, counts, whole, seconds: holdSeconds } = hold;
  return { seen, meant, counts, whole, notGivenBack, holdSeconds };
}

/** Letters of one reason, or of one type. */
export interface LetterGroup {
  /** The code or the type; undefined for letters that have none. */
  readonly name: string | undefined;
  readonly count: number;
  readonly oldest: Date;
  readonly newest: Date;
  /** Of the newest, as an example. */
  readonly reason: string | undefined;
  readonly exampleId: string;
}

/** Counts letters by one of their properties. */
export class LetterGroups {
  private readonly groupByName = new Map<string | undefined, LetterGroup>();

  constructor(private readonly by: "code" | "type") {}

  add(letter: Letter): void {
    const name = letter[this.by];
    const { sentAt, reason, snsMessageId, sqsMessageId } = letter;
    const group = this.groupByName.get(name);
    const isNewest = !group || sentAt >= group.newest;
    this.groupByName.set(name, {
      name,
      count: (group?.count ?? 0) + 1,
      oldest: group && group.oldest < sentAt ? group.oldest : sentAt,
      newest: isNewest ? sentAt : group.newest,
      reason: isNewest ? reason : group.reason,
      exampleId: isNewest ? (snsMessageId ?? sqsMessageId) : group.exampleId,
    });
  }

  /** Most letters first. */
  get groups(): LetterGroup[] {
    return [...this.groupByName.values()].sort((one, other) => other.count - one.count);
  }
}
