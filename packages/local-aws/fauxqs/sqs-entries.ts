/** An entry of a batch, by which SQS names what is missing in it, and what each has to have. */
const ENTRIES: Readonly<Record<string, readonly [entry: string, ...required: string[]]>> = {
  SendMessageBatch: ["SendMessageBatchRequestEntry", "Id", "MessageBody"],
  DeleteMessageBatch: ["DeleteMessageBatchRequestEntry", "Id", "ReceiptHandle"],
  ChangeMessageVisibilityBatch: [
    "ChangeMessageVisibilityBatchRequestEntry",
    "Id",
    "ReceiptHandle",
    "VisibilityTimeout",
  ],
};

const MAX_ID = 80;

/**
 * What an entry of a batch lacks, or has as an id, for which SQS refuses the
 * whole batch and which fauxqs does not miss.
 *
 * @returns the error's code and message, or undefined for entries that are whole.
 */
export function wrongEntry(action: string, body: unknown): readonly [code: string, message: string] | undefined {
  const [name, ...required] = ENTRIES[action] ?? [];
  for (const [index, entry] of entriesOf(body).entries()) {
    // A number that is 0 is there, an empty text is not.
    const missing = required.find((member) => (entry[member] ?? "") === "");
    if (missing !== undefined) {
      return ["MissingParameter", `The request must contain the parameter ${name}.${index + 1}.${missing}.`];
    }
    if (name !== undefined && String(entry.Id).length > MAX_ID) {
      return ["InvalidBatchEntryId", `${name}.${index + 1}.Id has more than ${MAX_ID} characters.`];
    }
  }
  return undefined;
}

function entriesOf(body: unknown): readonly Record<string, unknown>[] {
  return (body as { Entries?: Record<string, unknown>[] | null }).Entries ?? [];
}
