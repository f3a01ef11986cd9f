import { SqsError, type SqsStore, sendMessage, sendMessageBatch } from "../fauxqs/parts";
import { attributeProblem, type MessageAttribute } from "../message-attributes";

const MAX_ENTRIES = 10;
const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;

/** What a message is sent with, its types checked. */
interface Sent {
  readonly DelaySeconds?: number | null;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>> | null;
  readonly MessageSystemAttributes?: Readonly<Record<string, MessageAttribute>> | null;
}

type Entry = Sent & { readonly Id: string };

/** SendMessage, which fauxqs takes with attributes and delays that SQS refuses. */
export function send(input: Sent, store: SqsStore): object {
  const problem = wrongMessage(input);
  if (problem !== undefined) throw new SqsError("InvalidParameterValue", problem);
  return sendMessage({ ...input }, store);
}

/** SendMessageBatch: an entry that SQS refuses fails alone. */
export function sendBatch(input: { readonly Entries?: readonly Entry[] | null }, store: SqsStore): object {
  const entries = input.Entries ?? [];
  // fauxqs says what is wrong with a batch as a whole, before it sends any of it.
  const isBatch = entries.length <= MAX_ENTRIES && new Set(entries.map(({ Id }) => Id)).size === entries.length;
  const failed = entries.flatMap((entry) => {
    const Message = isBatch ? wrongMessage(entry) : undefined;
    return Message === undefined ? [] : [{ Id: entry.Id, SenderFault: true, Code: "InvalidParameterValue", Message }];
  });
  const taken = entries.filter(({ Id }) => !failed.some((entry) => entry.Id === Id));
  if (taken.length === 0 && failed.length > 0) return { Successful: [], Failed: failed };
  const answer = sendMessageBatch({ ...input, Entries: taken }, store);
  return { ...answer, Failed: [...(answer.Failed ?? []), ...failed] };
}

function wrongMessage({
  DelaySeconds: delay,
  MessageAttributes: attributes,
  MessageSystemAttributes: system,
}: Sent): string | undefined {
  if (typeof delay === "number" && (delay < 0 || delay > MAX_DELAY_SECONDS)) {
    return `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`;
  }
  if (Object.keys(system ?? {}).length > 0) {
    return "The local run has no MessageSystemAttributes: nobody would be given the AWSTraceHeader.";
  }
  const count = Object.keys(attributes ?? {}).length;
  if (count > MAX_ATTRIBUTES) {
    return `Number of message attributes [${count}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`;
  }
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    const problem = attributeProblem(name, attribute);
    if (problem !== undefined) return `The message attribute '${name}' ${problem}`;
  }
  return undefined;
}
