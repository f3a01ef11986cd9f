import type { CancellationReason, TransactWriteItemsInput } from "@aws-sdk/client-dynamodb";
import type { AnyAction } from "../../gateway/service";
import type { DynamodbItem } from "../../observer";
import { AwsError } from "../../protocols/aws-error";
import type { Dynamodb } from "../dynamodb";
import { returnsOldItem, validateRequest, validateTransactionSize } from "../request-rules";
import { assertTransactItems, CollectingStore, withLocks } from "../transaction";

const CONDITION = {
  TableName: "String",
  ConditionExpression: "String",
  ExpressionAttributeNames: "Map",
  ExpressionAttributeValues: "Map",
  ReturnValuesOnConditionCheckFailure: "String",
};
/** The kinds of writes: their parameters, and the action of dynalite that validates and makes them. */
const KINDS = {
  Put: { action: "PutItem", parameters: { ...CONDITION, Item: "Map" } },
  Delete: { action: "DeleteItem", parameters: { ...CONDITION, Key: "Map" } },
  Update: { action: "UpdateItem", parameters: { ...CONDITION, Key: "Map", UpdateExpression: "String" } },
  /** Like Delete, but its writes are dropped. */
  ConditionCheck: { action: "DeleteItem", parameters: { ...CONDITION, Key: "Map" } },
} as const;
const structures = Object.entries(KINDS).map(
  ([kind, { parameters }]) => [kind, { type: "FieldStruct", children: parameters }] as const,
);
const TYPES = {
  ClientRequestToken: "String",
  TransactItems: { type: "List", children: { type: "ValueStruct", children: Object.fromEntries(structures) } },
};

interface WriteInput {
  readonly TableName: string;
  readonly Item?: DynamodbItem;
  readonly Key?: DynamodbItem;
}

interface PlannedWrite {
  readonly kind: keyof typeof KINDS;
  readonly input: WriteInput;
  readonly returnsOld: boolean;
}

export const TransactWriteItems: AnyAction<Dynamodb> = {
  handles: Object.keys(TYPES),
  differs: "waits for a transaction on the same items, instead of a TransactionConflict; knows tokens until it stops",
  async run(request: unknown, dynamodb) {
    validateRequest(request, TYPES);
    const { ClientRequestToken: token, TransactItems } = request as Partial<TransactWriteItemsInput>;
    assertTransactItems(TransactItems);
    const work = () => dynamodb.attempt(() => write(TransactItems, dynamodb));
    if (token === undefined || token === null) return work();
    return dynamodb.tokens.once(token, JSON.stringify(TransactItems), work);
  },
};

async function write(items: readonly object[], dynamodb: Dynamodb): Promise<object> {
  const planned = items.map((item) => plan(item as Partial<Record<keyof typeof KINDS, object>>, dynamodb));
  const targets = planned.map(({ input: { TableName, Item, Key = {} } }) => ({
    table: TableName,
    item: Item ?? Key,
    isWhole: Item !== undefined,
  }));
  return withLocks(dynamodb.store, targets, async () => {
    const collected = new CollectingStore(dynamodb.store);
    const reasons: CancellationReason[] = [];
    for (const { kind, input, returnsOld } of planned) {
      const { length } = collected.writes;
      collected.lastRead = undefined;
      const action = dynamodb.action(KINDS[kind].action);
      const error = await dynamodb
        .attempt(() => action.run(collected.store, input))
        .then(
          () => undefined,
          (cause: AwsError) => cause,
        );
      if (kind === "ConditionCheck") collected.writes.length = length;
      reasons.push(reasonOf(error, returnsOld ? collected.lastRead : undefined));
    }
    if (reasons.some(({ Code }) => Code !== "None")) throw canceled(reasons);
    validateTransactionSize(collected.items);
    await collected.commit();
    for (const { input } of planned) dynamodb.stored(input);
    return {};
  });
}

/** @throws AwsError for an invalid item of the transaction. */
function plan(item: Partial<Record<keyof typeof KINDS, object>>, dynamodb: Dynamodb): PlannedWrite {
  const [kind, ...others] = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter((name) => item[name] !== undefined);
  if (kind === undefined || others.length > 0) {
    const message = "TransactItems can only contain one of Check, Put, Update or Delete";
    throw new AwsError("ValidationException", message);
  }
  const { ReturnValuesOnConditionCheckFailure: returned, ...request } = item[kind] as {
    ReturnValuesOnConditionCheckFailure?: string;
    ConditionExpression?: string;
    UpdateExpression?: string;
  };
  const returnsOld = returnsOldItem(returned);
  const required = { ConditionCheck: "ConditionExpression", Update: "UpdateExpression" } as const;
  const missing = required[kind as keyof typeof required];
  if (missing !== undefined && request[missing] === undefined) {
    throw new AwsError("ValidationException", `The ${missing} of ${kind} must not be null.`);
  }
  const input = dynamodb.input(dynamodb.action(KINDS[kind].action), request) as WriteInput;
  return { kind, input, returnsOld };
}

const REASONS: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: "ConditionalCheckFailed",
  ValidationException: "ValidationError",
};

function reasonOf(error: AwsError | undefined, oldItem: DynamodbItem | undefined): CancellationReason {
  if (!error) return { Code: "None" };
  const Code = REASONS[error.code];
  if (Code === undefined) throw error;
  const Item = Code === "ConditionalCheckFailed" ? oldItem : undefined;
  return { Code, Message: error.message, ...(Item && { Item: Item as never }) };
}

function canceled(reasons: readonly CancellationReason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new AwsError("TransactionCanceledException", message, undefined, { CancellationReasons: reasons });
}
