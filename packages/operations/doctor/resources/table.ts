import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { isUnsupported } from "../../aws-errors";
import type { ResourceCheck, Setting } from "../resource-check";

interface TableConfig {
  readonly name: string;
  readonly hash_key?: string;
  readonly range_key?: string;
  readonly billing_mode?: string;
  readonly deletion_protection_enabled?: boolean;
  readonly ttl?: { readonly attribute_name: string; readonly enabled: boolean };
  readonly point_in_time_recovery?: { readonly enabled: boolean };
  readonly global_secondary_index?: readonly { readonly name: string }[];
}

export const table: ResourceCheck = {
  name: ({ name }) => String(name),
  settings: async (config, pipeline) => {
    const { name: TableName, ...stack } = config as unknown as TableConfig;
    const dynamodb = pipeline.client(DynamoDBClient);
    const { Table = {} } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const keyOf = (kind: string) => Table.KeySchema?.find(({ KeyType }) => KeyType === kind)?.AttributeName;
    const settings: Setting[] = [
      { name: "TableStatus", expected: "ACTIVE", actual: Table.TableStatus, fix: "Wait until the table is active." },
    ];
    if (stack.hash_key !== undefined) {
      const { TimeToLiveDescription: ttl } = await emptyIfUnsupported(
        dynamodb.send(new DescribeTimeToLiveCommand({ TableName })),
      );
      const { ContinuousBackupsDescription: backups } = await emptyIfUnsupported(
        dynamodb.send(new DescribeContinuousBackupsCommand({ TableName })),
      );
      settings.push(
        { name: "partition key", expected: stack.hash_key, actual: keyOf("HASH") },
        { name: "sort key", expected: stack.range_key, actual: keyOf("RANGE") },
        { name: "BillingMode", expected: stack.billing_mode, actual: Table.BillingModeSummary?.BillingMode },
        {
          name: "DeletionProtectionEnabled",
          expected: stack.deletion_protection_enabled,
          actual: Table.DeletionProtectionEnabled,
        },
        { name: "time to live", expected: stack.ttl?.attribute_name, actual: ttl && (ttl.AttributeName ?? "none") },
        {
          name: "point-in-time recovery",
          expected: stack.point_in_time_recovery?.enabled ? "ENABLED" : "DISABLED",
          actual: backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
        },
        {
          name: "indexes",
          expected: (stack.global_secondary_index ?? []).map(({ name }) => name).sort(),
          actual: (Table.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName).sort(),
        },
      );
    }
    return settings;
  },
};

/** Returns the response; if the endpoint does not support the action, an empty object, so that the setting is unknown. */
export async function emptyIfUnsupported<T extends object>(response: Promise<T>): Promise<Partial<T>> {
  try {
    return await response;
  } catch (error) {
    if (isUnsupported(error)) return {};
    throw error;
  }
}
