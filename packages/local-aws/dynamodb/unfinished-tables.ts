import type { Item, Store } from "dynalite/db/index.js";
import { calling } from "./dynalite-action";

const range = (prefix: string) => ({ gte: `${prefix}~`, lt: `${prefix}\x7f` });

/**
 * Finishes the creation, update or deletion of each table that a killed process left unfinished: dynalite makes them in
 * several writes, and would refuse the table from then on.
 *
 * @returns The names of the deleted tables.
 */
export async function finishTables({ db }: Store): Promise<readonly string[]> {
  const deleted: string[] = [];
  for await (const [key, table] of db.iterator(range("table"))) {
    const { TableStatus, GlobalSecondaryIndexes = [] } = table as unknown as Description;
    const name = key.slice("table~".length);
    if (TableStatus === "DELETING") {
      const prefixes = [`item-${name}`, `tag-${name}`, `index-local~${name}`, `index-global~${name}`];
      for (const prefix of prefixes) await db.clear(range(prefix));
      await calling((done) => db.batch([{ type: "del", key }], done));
      deleted.push(name);
    } else if (TableStatus !== "ACTIVE" || GlobalSecondaryIndexes.some(({ IndexStatus }) => IndexStatus !== "ACTIVE")) {
      const active = { ...table, TableStatus: "ACTIVE" } as unknown as Item & Description;
      for (const index of GlobalSecondaryIndexes) index.IndexStatus = "ACTIVE";
      await calling((done) => db.batch([{ type: "put", key, value: active }], done));
    }
  }
  return deleted;
}

interface Description {
  readonly TableStatus: string;
  readonly GlobalSecondaryIndexes?: readonly { IndexStatus: string }[];
}
