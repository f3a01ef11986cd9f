import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import type { PolicyStatement } from "../policy-document";
import { pinned } from "../terraform-address";

export interface EventTableProps {
  readonly tableName: string;
}

/** One item per event: `event_type` / `timestamp_id`, gone at `expires_at`. */
export class EventTable extends Construct {
  readonly table: DynamodbTable;

  constructor(scope: Construct, id: string, props: EventTableProps) {
    super(scope, id);
    this.table = pinned(
      new DynamodbTable(this, "table", {
        name: props.tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: "event_type",
        rangeKey: "timestamp_id",
        attribute: [
          { name: "event_type", type: "S" },
          { name: "timestamp_id", type: "S" },
        ],
        ttl: { attributeName: "expires_at", enabled: true },
      }),
      "events",
    );
  }

  /** What a writer of events calls: BatchWriteItem, with nothing read back. */
  writeStatement(): PolicyStatement {
    return { Sid: "StoreEvents", Effect: "Allow", Action: "dynamodb:BatchWriteItem", Resource: this.table.arn };
  }
}
