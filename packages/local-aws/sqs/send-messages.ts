import {
  sendMessage as fauxqsSendMessage,
  sendMessageBatch as fauxqsSendMessageBatch,
  SqsError,
  type SqsStore,
} from "../fauxqs/parts";
import { attributeProblem, type MessageAttribute } from "../message-attributes";

const MAX_ENTRIES = 10;
const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;

/** Type-checked parameters of a message. */
interface SendInput {
  readonly DelaySeconds?: number | null;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>> | null;
  readonly MessageSystemAttributes?: Readonly<Record<string, MessageAttribute>> | null;
}

type SendEntry = SendInput & { readonly Id: string };

/** Handles SendMessage. fauxqs accepts attributes and delays that SQS rejects. */
export function sendMessage(input: SendInput, store: SqsStore): object {
  const problem = messageProblem(input);
  if (problem !== undefined) throw new SqsError("InvalidParameterValue", problem);
  return fauxqsSendMessage({ ...input }, store);
}

/** Handles SendMessageBatch. An invalid entry fails separately. */
export function sendMessageBatch(input: { readonly Entries?: readonly SendEntry[] | null }, store: SqsStore): object {
  const entries = input.Entries ?? [];
  // fauxqs validates the batch before it sends any message.
  const isBatch = entries.length <= MAX_ENTRIES && new Set(entries.map(({ Id }) => Id)).size === entries.length;
  const failed = entries.flatMap((entry) => {
    const Message = isBatch ? messageProblem(entry) : undefined;
    return Message === undefined ? [] : [{ Id: entry.Id, SenderFault: true, Code: "InvalidParameterValue", Message }];
  });
  const valid = entries.filter(({ Id }) => !failed.some((entry) => entry.Id === Id));
  if (valid.length === 0 && failed.length > 0) return { Successful: [], Failed: failed };
  const answer = fauxqsSendMessageBatch({ ...input, Entries: valid }, store);
  return { ...answer, Failed: [...(answer.Failed ?? []), ...failed] };
}

function messageProblem({
  DelaySeconds: delay,
  MessageAttributes: attributes,
  MessageSystemAttributes: system,
}: SendInput): string | undefined {
  if (typeof delay === "number" && (delay < 0 || delay > MAX_DELAY_SECONDS)) {
    return `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`;
  }
  if (Object.keys(system ?? {}).length > 0) {
    return "The local run does not support MessageSystemAttributes, because it does not return the AWSTraceHeader.";
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
