import { deleteMessage, deleteMessageBatch, SqsError, type SqsStore } from "../fauxqs/parts";

/** As the queues here give them. */
const RECEIPT_HANDLE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Received {
  readonly Id?: string;
  readonly ReceiptHandle?: string | null;
}

const CODE = "ReceiptHandleIsInvalid";
const say = (handle: unknown) =>
  `The input receipt handle "${String(handle).slice(0, 100)}" is not a valid receipt handle.`;

/** DeleteMessage. What no queue ever gave deletes nothing, and SQS says so; a message that is gone already is no error. */
export function remove(input: Received, store: SqsStore): object {
  const { ReceiptHandle: handle } = input;
  if (handle && !RECEIPT_HANDLE.test(handle)) throw new SqsError(CODE, say(handle));
  return Object(deleteMessage({ ...input }, store));
}

/** DeleteMessageBatch: each entry succeeds or fails by itself. */
export function removeBatch(input: { readonly Entries?: readonly Received[] | null }, store: SqsStore): object {
  const entries = input.Entries ?? [];
  const isGiven = ({ ReceiptHandle }: Received) => RECEIPT_HANDLE.test(String(ReceiptHandle));
  // For what is wrong with the batch as a whole, and to delete what there is.
  const answer = deleteMessageBatch({ ...input }, store);
  const failed = entries
    .filter((entry) => !isGiven(entry))
    .map(({ Id = "", ReceiptHandle }) => ({ Id, SenderFault: true, Code: CODE, Message: say(ReceiptHandle) }));
  const isFailed = (id: string | undefined) => failed.some(({ Id }) => Id === id);
  return { Successful: (answer.Successful ?? []).filter(({ Id }) => !isFailed(Id)), Failed: failed };
}
