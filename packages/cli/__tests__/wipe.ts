import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import type { LocalRun } from "@event-pipeline/testing/local-run";
import { storedItems } from "@event-pipeline/testing/stored-events";
import pMap from "p-map";

/** Deletes the matching items from the table, and returns their number. */
export async function wipe(
  run: LocalRun,
  isMeant: (type: string, id: string) => boolean = () => true,
): Promise<number> {
  const { dynamodb } = run.clients;
  const table = run.output("table_name");
  const items = [...(await storedItems(run)).values()].filter(({ event_type, event_id }) =>
    isMeant(String(event_type?.S), String(event_id?.S)),
  );
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, index) =>
    items.slice(index * 25, index * 25 + 25),
  );
  await pMap(
    batches,
    (batch) => {
      const requests = batch.map(({ event_type, timestamp_id }) => ({
        DeleteRequest: { Key: { event_type: event_type ?? { S: "" }, timestamp_id: timestamp_id ?? { S: "" } } },
      }));
      return dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    },
    { concurrency: 8 },
  );
  return items.length;
}
