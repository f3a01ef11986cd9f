import type { AnyAction, ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import type { Operation, ServiceSchemas } from "../protocols/shape";
import { DescribeTimeToLive } from "./actions/describe-time-to-live";
import { TransactGetItems } from "./actions/transact-get-items";
import { TransactWriteItems } from "./actions/transact-write-items";
import { UpdateTimeToLive } from "./actions/update-time-to-live";
import { DynaliteAction } from "./dynalite-action";
import type { Dynamodb } from "./dynamodb";
import { IGNORED, validateRequest } from "./request-rules";

const CAPACITY = "leaves the capacity of indexes out of `ConsumedCapacity`";

/** The actions of dynalite, with their differences from DynamoDB. */
const DYNALITE_ACTIONS: Readonly<Record<string, string>> = {
  BatchGetItem: "",
  BatchWriteItem: CAPACITY,
  CreateTable: "supports keys, indexes, billing mode and throughput only",
  DeleteItem: CAPACITY,
  DeleteTable: "",
  DescribeTable: "",
  GetItem: "",
  ListTables: "",
  ListTagsOfResource: "",
  PutItem: CAPACITY,
  Query: "",
  Scan: "",
  TagResource: "",
  UntagResource: "",
  UpdateItem: CAPACITY,
  UpdateTable: "supports billing mode and throughput only",
};

/** Parameters that dynalite does not know: its reads are always consistent, and `Dynamodb` returns the item. */
const MORE_PARAMETERS: Readonly<Record<string, Readonly<Record<string, "String">>>> = {
  DeleteItem: { ReturnValuesOnConditionCheckFailure: "String" },
  PutItem: { ReturnValuesOnConditionCheckFailure: "String" },
  Scan: { ConsistentRead: "String" },
  UpdateItem: { ReturnValuesOnConditionCheckFailure: "String" },
};

/** An action of dynalite. Only its parameters are handled. */
function dynaliteAction(name: string, differs: string): AnyAction<Dynamodb> {
  const types = { ...new DynaliteAction(name).types, ...MORE_PARAMETERS[name] };
  return {
    handles: Object.keys(types).filter((type) => !IGNORED.has(type)),
    ...(differs && { differs }),
    async run(request: unknown, dynamodb) {
      validateRequest(request, types);
      return dynamodb.run(name, request);
    },
  };
}

const actions: ServiceDefinition<Dynamodb>["actions"] = {
  ...Object.fromEntries(
    Object.entries(DYNALITE_ACTIONS).map(([name, differs]) => [name, dynaliteAction(name, differs)]),
  ),
  DescribeTimeToLive,
  TransactGetItems,
  TransactWriteItems,
  UpdateTimeToLive,
};

/** Inputs and outputs are JSON as it is: dynalite validates it, with DynamoDB's messages. */
const JSON_DOCUMENT = { shape: { type: "document" } } as unknown as Required<Operation>["input"];

const ERRORS = `ConditionalCheckFailedException IdempotentParameterMismatchException ItemCollectionSizeLimitExceededException
  LimitExceededException ProvisionedThroughputExceededException ResourceInUseException ResourceNotFoundException
  TransactionCanceledException`;

const schemas: ServiceSchemas = {
  namespace: "com.amazonaws.dynamodb.v20120810",
  operations: Object.fromEntries(
    Object.keys(actions).map((name) => [name, { name, input: JSON_DOCUMENT, output: JSON_DOCUMENT }]),
  ),
  errors: {
    ...Object.fromEntries(ERRORS.split(/\s+/).map((name) => [name, { status: 400 }])),
    InternalServerError: { status: 500 },
  },
};

export const DYNAMODB: ServiceDefinition<Dynamodb> = {
  name: "DynamoDB",
  schemas,
  signingName: "dynamodb",
  protocols: ["json"],
  targetPrefix: "DynamoDB_20120810",
  maxBodyBytes: 16 * 1024 * 1024,
  unparsableCode: "SerializationException",
  invalidInput: ({ message }) => new AwsError("ValidationException", message),
  actions,
};
