import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import {
  ID_ATTRIBUTE,
  ID_INDEX,
  PARTITION_KEY,
  SORT_KEY,
  TTL_ATTRIBUTE,
} from "@event-pipeline/event-model/item/attributes";
import { Construct } from "constructs";
import { allow, type PolicyStatement } from "../policy-document";
import { addBlock } from "../terraform";
import type { SharedProps } from "./shared-props";

/** A DynamoDB table with one item per event, keyed by `event_type` and `timestamp_id`. Items expire at `expires_at`. */
export class EventTable extends Construct {
  readonly table: DynamodbTable;

  constructor(scope: Construct, id: string, props: SharedProps) {
    super(scope, id);
    const { names, addresses, retainData, eventIdIndex, kmsKeyArn } = props;
    this.table = addBlock(this, DynamodbTable, "table", addresses.table, {
      name: names.table,
      billingMode: "PAY_PER_REQUEST",
      hashKey: PARTITION_KEY,
      rangeKey: SORT_KEY,
      attribute: [
        { name: PARTITION_KEY, type: "S" },
        { name: SORT_KEY, type: "S" },
        // DynamoDB rejects attribute definitions that no key uses.
        ...(eventIdIndex ? [{ name: ID_ATTRIBUTE, type: "S" }] : []),
      ],
      ...(eventIdIndex && {
        globalSecondaryIndex: [{ name: ID_INDEX, hashKey: ID_ATTRIBUTE, projectionType: "KEYS_ONLY" }],
      }),
      ttl: { attributeName: TTL_ATTRIBUTE, enabled: true },
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: retainData,
      // Makes the plan fail. AWS would reject the deletion only after other resources are gone.
      ...(retainData && { lifecycle: { preventDestroy: true } }),
      // Always set: without this block, the provider would keep the table's current key. `enabled: false` selects a key
      // that DynamoDB owns.
      serverSideEncryption: kmsKeyArn === undefined ? { enabled: false } : { enabled: true, kmsKeyArn },
    });
    props.keyAccess.precedes(this.table);
  }

  /**
   * Returns the IAM statement that lets a function write items, but not read them.
   *
   * @example
   * pipeline.addQueueSubscriber("copies", { handlerPath, statements: [pipeline.table.writeStatement()] });
   */
  writeStatement(): PolicyStatement {
    return allow("StoreEvents", "dynamodb:BatchWriteItem", this.table.arn);
  }
}
