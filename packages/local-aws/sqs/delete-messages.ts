import {
  deleteMessage as fauxqsDeleteMessage,
  deleteMessageBatch as fauxqsDeleteMessageBatch,
  SqsError,
  type SqsStore,
} from "../fauxqs/parts";

/** The format of the local run's receipt handles. */
const RECEIPT_HANDLE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface DeleteEntry {
  readonly Id?: string;
  readonly ReceiptHandle?: string | null;
}

const CODE = "ReceiptHandleIsInvalid";
const messageOf = (handle: unknown) =>
  `The input receipt handle "${String(handle).slice(0, 100)}" is not a valid receipt handle.`;

/** Handles DeleteMessage. As in SQS, a malformed handle is an error, and that of a deleted message is not. */
export function deleteMessage(input: DeleteEntry, store: SqsStore): object {
  const { ReceiptHandle: handle } = input;
  if (handle && !RECEIPT_HANDLE.test(handle)) throw new SqsError(CODE, messageOf(handle));
  return Object(fauxqsDeleteMessage({ ...input }, store));
}

/** Handles DeleteMessageBatch. Each entry succeeds or fails separately. */
export function deleteMessageBatch(
  input: { readonly Entries?: readonly DeleteEntry[] | null },
  store: SqsStore,
): object {
  const entries = input.Entries ?? [];
  const isWellFormed = ({ ReceiptHandle }: DeleteEntry) => RECEIPT_HANDLE.test(String(ReceiptHandle));
  // Also validates the batch.
  const answer = fauxqsDeleteMessageBatch({ ...input }, store);
  const failed = entries
    .filter((entry) => !isWellFormed(entry))
    .map(({ Id = "", ReceiptHandle }) => ({ Id, SenderFault: true, Code: CODE, Message: messageOf(ReceiptHandle) }));
  const isFailed = (id: string | undefined) => failed.some(({ Id }) => Id === id);
  return { Successful: (answer.Successful ?? []).filter(({ Id }) => !isFailed(Id)), Failed: failed };
}
