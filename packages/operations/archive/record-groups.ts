import type { ArchivedRecord } from "./archived-records";

/** What a group holds at most: the keys of one request to DynamoDB, and bodies that are soon worked off. */
const MAX_RECORDS = 100;
const MAX_CHARACTERS = 1_024 * 1_024;

/** Records in groups, in their order; no more of them once the signal aborts. */
export async function* recordGroups(
  records: AsyncIterable<ArchivedRecord>,
  signal?: AbortSignal,
): AsyncGenerator<ArchivedRecord[], void, void> {
  let group: ArchivedRecord[] = [];
  let characters = 0;
  for await (const record of records) {
    if (signal?.aborted) break;
    group.push(record);
    characters += record.body.length;
    if (group.length < MAX_RECORDS && characters < MAX_CHARACTERS) continue;
    yield group;
    group = [];
    characters = 0;
  }
  if (group.length > 0 && !signal?.aborted) yield group;
}
