import { AwsError } from "./protocols/aws-error";

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

interface Entry {
  readonly Id: string | undefined;
}

interface FailedEntry {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

/**
 * Runs an action of SQS or SNS for each entry of a batch. An entry that fails does not affect the others.
 *
 * @param service - SNS's error codes end with `Exception`.
 * @throws AwsError when the batch itself is invalid.
 */
export function runBatch<Input extends Entry, Output extends object>(
  service: "sqs" | "sns",
  entries: readonly Input[],
  run: (entry: Input) => Output,
): { Successful: (Output & { Id: string })[]; Failed: FailedEntry[] } {
  const suffix = service === "sns" ? "Exception" : "";
  assertBatch(entries, suffix);
  const Successful: (Output & { Id: string })[] = [];
  const Failed: FailedEntry[] = [];
  for (const entry of entries) {
    const Id = String(entry.Id);
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function assertBatch(entries: readonly Entry[], suffix: string): void {
  const invalid = (code: string, message: string) => new AwsError(code + suffix, message);
  if (entries.length === 0) throw invalid("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (entries.length > MAX_ENTRIES) {
    const message = `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`;
    throw invalid("TooManyEntriesInBatchRequest", message);
  }
  const ids = new Set<string>();
  for (const { Id = "" } of entries) {
    if (!ENTRY_ID.test(Id)) {
      const message =
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
      throw invalid("InvalidBatchEntryId", message);
    }
    if (ids.has(Id)) throw invalid("BatchEntryIdsNotDistinct", `Id ${Id} repeated.`);
    ids.add(Id);
  }
}
