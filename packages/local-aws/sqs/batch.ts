import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { AwsError } from "../protocols/aws-error";

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

interface Entry {
  readonly Id: string | undefined;
}

interface BatchOutput<Output> {
  readonly Successful: (Output & { Id: string })[];
  readonly Failed: BatchResultErrorEntry[];
}

/**
 * Runs an action for each entry of a batch. An entry that fails does not affect the others.
 *
 * @throws AwsError when the batch itself is invalid.
 */
export function runBatch<Input extends Entry, Output extends object>(
  entries: readonly Input[],
  run: (entry: Input) => Output,
): BatchOutput<Output> {
  assertBatch(entries);
  const output: BatchOutput<Output> = { Successful: [], Failed: [] };
  for (const entry of entries) {
    const Id = String(entry.Id);
    try {
      output.Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      output.Failed.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return output;
}

function assertBatch(entries: readonly Entry[]): void {
  if (entries.length === 0) {
    throw new AwsError("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > MAX_ENTRIES) {
    const message = `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`;
    throw new AwsError("TooManyEntriesInBatchRequest", message);
  }
  const ids = new Set<string>();
  for (const { Id = "" } of entries) {
    if (!ENTRY_ID.test(Id)) {
      const message =
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
      throw new AwsError("InvalidBatchEntryId", message);
    }
    if (ids.has(Id)) throw new AwsError("BatchEntryIdsNotDistinct", `Id ${Id} repeated.`);
    ids.add(Id);
  }
}
