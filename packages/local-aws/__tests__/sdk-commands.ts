import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as firehose from "@aws-sdk/client-firehose";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import { NormalizedSchema } from "@smithy/core/schema";

type Input = Record<string, unknown>;

/** An operation's schema in the SDK: kind, namespace, name, traits, input, output. */
type Operation = readonly [number, string, string, unknown, Parameters<typeof NormalizedSchema.of>[0], unknown];

interface Command {
  readonly schema?: Operation;
}

interface Client {
  send(command: Command): Promise<object>;
  destroy(): void;
}

/** An action that an SDK client can send. */
export interface Action {
  readonly service: string;
  readonly name: string;
  /** @param named - Values by member name, for members at any depth. */
  send(client: Client, named: Readonly<Record<string, unknown>>): Promise<object>;
}

type Module = Readonly<Record<string, unknown>>;

/** SDK modules and names of their client classes, by the service's name in the local run. */
const MODULES: Readonly<Record<string, readonly [module: Module, client: string]>> = {
  SNS: [sns, "SNSClient"],
  SQS: [sqs, "SQSClient"],
  DynamoDB: [dynamodb, "DynamoDBClient"],
  S3: [s3, "S3Client"],
  Firehose: [firehose, "FirehoseClient"],
  Lambda: [lambda, "LambdaClient"],
  CloudWatch: [cloudwatch, "CloudWatchClient"],
  "CloudWatch Logs": [logs, "CloudWatchLogsClient"],
  STS: [sts, "STSClient"],
};

export const SERVICES = Object.keys(MODULES);

export function clientOf(service: string, config: object): Client {
  const [module = {}, name = ""] = MODULES[service] ?? [];
  return new (module[name] as new (config: object) => Client)(config);
}

/** Returns all actions that the SDK's client for a service can send. */
export function actionsOf(service: string): Action[] {
  const [module = {}] = MODULES[service] ?? [];
  return Object.entries(module).flatMap(([exported, value]) => {
    if (!/^[A-Z]\w+Command$/.test(exported)) return [];
    const Command = value as new (input: Input) => Command;
    const operation = new Command({}).schema;
    if (!operation) return [];
    const [, , name, , input] = operation;
    return [{ service, name, send: (client, named) => client.send(new Command(plausible(input, named) as Input)) }];
  });
}

/** Returns a value for a schema, with all members. */
function plausible(schema: Operation[4], named: Readonly<Record<string, unknown>>, name = "", depth = 0): unknown {
  const ns = NormalizedSchema.of(schema);
  const inner = (member: Operation[4], memberName: string) => plausible(member, named, memberName, depth + 1);
  if (Object.hasOwn(named, name)) return named[name];
  if (ns.isStructSchema()) {
    const members = [...ns.structIterator()];
    // Ends the recursion for nested members, such as DynamoDB's attribute values.
    if (depth > 4) return {};
    return Object.fromEntries(members.map(([memberName, member]) => [memberName, inner(member as never, memberName)]));
  }
  if (ns.isListSchema()) return [inner(ns.getValueSchema() as never, name)];
  if (ns.isMapSchema()) return { a: inner(ns.getValueSchema() as never, name) };
  if (ns.isBlobSchema()) return new Uint8Array([120]);
  if (ns.isTimestampSchema()) return new Date(0);
  if (ns.isBooleanSchema()) return true;
  if (ns.isNumericSchema()) return 1;
  if (ns.isDocumentSchema()) return {};
  return "x";
}
