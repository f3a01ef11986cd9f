import type { TransactGetItemsInput } from "@aws-sdk/client-dynamodb";
import type { AnyAction } from "../../gateway/service";
import type { DynamodbItem } from "../../observer";
import { AwsError } from "../../protocols/aws-error";
import type { Dynamodb } from "../dynamodb";
import { validateRequest } from "../request-rules";
import { assertTransactItems, withLocks } from "../transaction";

const GET = { TableName: "String", Key: "Map", ProjectionExpression: "String", ExpressionAttributeNames: "Map" };
const TYPES = {
  TransactItems: {
    type: "List",
    children: { type: "ValueStruct", children: { Get: { type: "FieldStruct", children: GET } } },
  },
};

export const TransactGetItems: AnyAction<Dynamodb> = {
  handles: Object.keys(TYPES),
  async run(request: unknown, dynamodb) {
    validateRequest(request, TYPES);
    const { TransactItems } = request as Partial<TransactGetItemsInput>;
    assertTransactItems(TransactItems);
    const action = dynamodb.action("GetItem");
    return dynamodb.attempt(async () => {
      const inputs = TransactItems.map(({ Get }) => {
        if (typeof Get !== "object") throw new AwsError("ValidationException", "Each transact item must have a Get.");
        return action.input<{ TableName: string; Key: DynamodbItem }>(Get, dynamodb.store);
      });
      const targets = inputs.map(({ TableName, Key }) => ({ table: TableName, item: Key, isWhole: false }));
      const read = () => Promise.all(inputs.map((input) => action.run(dynamodb.store, input)));
      return { Responses: await withLocks(dynamodb.store, targets, read) };
    });
  },
};
