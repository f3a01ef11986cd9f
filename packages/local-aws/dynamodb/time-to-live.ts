import type { CancelTimer } from "../clock";
import type { Host } from "../host";
import type { DynamodbItem } from "../observer";
import type { Table } from "../storage/storage";

/** Time between two searches for expired items. AWS deletes them within a few days. */
const SWEEP_MS = 3_600_000;

/** DynamoDB keeps items that expired longer ago: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html */
const MAX_AGE_SECONDS = 5 * 365.25 * 86_400;

/** Calls an action of the tables. */
type Run = (action: string, request: object) => Promise<object>;

interface Page {
  readonly Items: readonly DynamodbItem[];
  readonly LastEvaluatedKey?: DynamodbItem;
}

/** Deletes expired items, once an hour of the host's clock. */
export class TimeToLive {
  /** Names of the attributes with the time of expiry, by the table's name. */
  private readonly attributes: Table<string>;
  private cancel: CancelTimer | undefined;
  private sweeping: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly host: Host,
    private readonly run: Run,
  ) {
    this.attributes = host.storage.table("dynamodb-time-to-live");
    this.schedule();
  }

  attributeOf(table: string): string | undefined {
    return this.attributes.get(table);
  }

  enable(table: string, attribute: string): void {
    this.attributes.set(table, attribute);
    this.schedule();
  }

  forget(table: string): void {
    this.attributes.delete(table);
  }

  /** Ends the searches. Resolves when the current one has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel?.();
    await this.sweeping;
  }

  private schedule(): void {
    if (this.cancel || this.stopped || this.attributes.size === 0) return;
    this.cancel = this.host.clock.after(SWEEP_MS, () => {
      this.sweeping = this.sweep();
    });
  }

  private async sweep(): Promise<void> {
    const { clock, observer } = this.host;
    let start: number;
    do {
      start = clock.now();
      for (const table of this.attributes.keys()) {
        await this.deleteExpired(table, start / 1_000).catch((error: Error) => {
          if (!this.stopped) observer.noted?.(`The expired items of ${table} were not deleted: ${error.message}`);
        });
      }
      // A fast clock may have passed the next search meanwhile.
    } while (clock.now() - start >= SWEEP_MS && !this.stopped);
    this.cancel = undefined;
    this.schedule();
  }

  private async deleteExpired(TableName: string, now: number): Promise<void> {
    const ExpressionAttributeNames = { "#at": this.attributes.get(TableName) ?? "" };
    const ExpressionAttributeValues = {
      ":oldest": { N: String(Math.floor(now - MAX_AGE_SECONDS)) },
      ":now": { N: String(Math.floor(now)) },
    };
    const { Table } = (await this.run("DescribeTable", { TableName })) as {
      Table: { KeySchema: { AttributeName: string }[] };
    };
    const names = Table.KeySchema.map(({ AttributeName }) => AttributeName);
    const expired = { ExpressionAttributeNames, ExpressionAttributeValues };
    const condition = "#at BETWEEN :oldest AND :now";
    let ExclusiveStartKey: DynamodbItem | undefined;
    do {
      const page = {
        TableName,
        ...expired,
        FilterExpression: condition,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      };
      const { Items, LastEvaluatedKey } = (await this.run("Scan", page)) as Page;
      for (const item of Items) {
        if (this.stopped) return;
        const Key = Object.fromEntries(names.map((name) => [name, item[name]]));
        // The item may have been changed meanwhile.
        await this.run("DeleteItem", { TableName, Key, ...expired, ConditionExpression: condition }).catch(
          ignoreChanged,
        );
      }
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey && !this.stopped);
  }
}

function ignoreChanged(error: Error & { readonly code?: string }): void {
  if (error.code !== "ConditionalCheckFailedException") throw error;
}
