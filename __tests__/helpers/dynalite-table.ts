import type { AddressInfo } from "node:net";
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  type ScanCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { WireItem } from "@event-pipeline/testing/fake-aws";
import dynalite from "dynalite";

/** The events table in an embedded DynamoDB, in this process. */
export class DynaliteTable {
  private constructor(
    readonly tableName: string,
    readonly endpoint: string,
    readonly client: DynamoDBClient,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<DynaliteTable> {
    const server = dynalite({ createTableMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new DynamoDBClient({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const key = [
      { name: "event_type", type: "HASH" },
      { name: "timestamp_id", type: "RANGE" },
    ] as const;
    await client.send(
      new CreateTableCommand({
        TableName: "events",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: key.map(({ name }) => ({ AttributeName: name, AttributeType: "S" })),
        KeySchema: key.map(({ name, type }) => ({ AttributeName: name, KeyType: type })),
      }),
    );
    return new DynaliteTable("events", endpoint, client, async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  documentClient(): DynamoDBDocumentClient {
    return DynamoDBDocumentClient.from(this.client, { unmarshallOptions: { wrapNumbers: true } });
  }

  async get(event_type: string, timestamp_id: string): Promise<WireItem | undefined> {
    const Key = { event_type: { S: event_type }, timestamp_id: { S: timestamp_id } };
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.tableName, Key, ConsistentRead: true }),
    );
    return Item as unknown as WireItem | undefined;
  }

  async all(): Promise<WireItem[]> {
    const found: WireItem[] = [];
    let ExclusiveStartKey: ScanCommandOutput["LastEvaluatedKey"];
    do {
      const { Items = [], LastEvaluatedKey }: ScanCommandOutput = await this.client.send(
        new ScanCommand({ TableName: this.tableName, ConsistentRead: true, ExclusiveStartKey }),
      );
      found.push(...(Items as unknown as WireItem[]));
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return found;
  }
}
