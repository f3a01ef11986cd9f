import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import {
  ID_ATTRIBUTE,
  ID_INDEX,
  PARTITION_KEY,
  SORT_KEY,
  TTL_ATTRIBUTE,
} from "@event-pipeline/event-model/item/attributes";
import { Construct } from "constructs";
import type { PolicyStatement } from "../policy-document";
import { pinned } from "../terraform-address";
import type { KeyAccess } from "./key-access";

export interface EventTableProps {
  /** Terraform's name of the table. */
  readonly address: string;
  readonly tableName: string;
  /** Whether AWS refuses to delete the table, and Terraform to plan it. */
  readonly retainData: boolean;
  /** Whether events can be looked up by their id. */
  readonly eventIdIndex: boolean;
  readonly kmsKeyArn?: string | undefined;
  readonly keyAccess: KeyAccess;
}

/** One item per event: `event_type` / `timestamp_id`, gone at `expires_at`. */
export class EventTable extends Construct {
  readonly table: DynamodbTable;

  constructor(scope: Construct, id: string, props: EventTableProps) {
    super(scope, id);
    const { address, tableName, retainData, eventIdIndex, kmsKeyArn } = props;
    this.table = pinned(
      new DynamodbTable(this, "table", {
        name: tableName,
        billingMode: "PAY_PER_REQUEST",
        hashKey: PARTITION_KEY,
        rangeKey: SORT_KEY,
        attribute: [
          { name: PARTITION_KEY, type: "S" },
          { name: SORT_KEY, type: "S" },
          // DynamoDB wants the types of keys, and of nothing else.
          ...(eventIdIndex ? [{ name: ID_ATTRIBUTE, type: "S" }] : []),
        ],
        ...(eventIdIndex && {
          globalSecondaryIndex: [{ name: ID_INDEX, hashKey: ID_ATTRIBUTE, projectionType: "KEYS_ONLY" }],
        }),
        ttl: { attributeName: TTL_ATTRIBUTE, enabled: true },
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: retainData,
        // Refuses at plan: AWS refuses only once half of the stack is gone.
        ...(retainData && { lifecycle: { preventDestroy: true } }),
        // Always set: if it is left out, the provider leaves the table under whatever key it has. `enabled: false` is the
        // key that DynamoDB owns.
        serverSideEncryption: kmsKeyArn === undefined ? { enabled: false } : { enabled: true, kmsKeyArn },
      }),
      address,
    );
    props.keyAccess.precedes(this.table);
  }

  /** What a writer of events calls: BatchWriteItem, with nothing read back. */
  writeStatement(): PolicyStatement {
    return { Sid: "StoreEvents", Effect: "Allow", Action: "dynamodb:BatchWriteItem", Resource: this.table.arn };
  }
}
