import type { IncomingMessage } from "node:http";
import { s3Target } from "@event-pipeline/local-aws/s3/s3-target";
import { cbor } from "@smithy/core/cbor";

/** A request's parameters, parsed from any AWS protocol. */
export type AskedParameters = Readonly<Record<string, unknown>>;

interface Asked {
  readonly request: IncomingMessage;
  readonly region: string;
  readonly account: string;
}

export function parametersOf({ headers }: IncomingMessage, bytes: Buffer): AskedParameters {
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return cbor.deserialize(bytes) as AskedParameters;
  const text = bytes.toString();
  if (text.startsWith("{")) return JSON.parse(text) as AskedParameters;
  return Object.fromEntries(new URLSearchParams(text));
}

/**
 * Returns the ARNs that IAM checks for a request.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/
 * @throws Error if the service or the resource is not supported.
 */
export function resourcesOf(operation: string, parameters: AskedParameters, asked: Asked): readonly string[] {
  const [service = "", action = ""] = operation.split(":");
  const find = RESOURCES[service];
  if (!find) throw new Error(`recorded-resources.ts does not support the service of ${operation}.`);
  const found = find({ ...asked, action, text: (name) => textOf(parameters[name]), parameters });
  if (found.length > 0) return found;
  throw new Error(`recorded-resources.ts finds no resource of ${operation} in ${JSON.stringify(parameters)}.`);
}

interface Question extends Asked {
  readonly action: string;
  readonly text: (parameter: string) => string | undefined;
  readonly parameters: AskedParameters;
}

/** The resource of actions that support no resource-level permissions. */
const ANY = ["*"];

const RESOURCES: Readonly<Record<string, (question: Question) => readonly string[]>> = {
  sns: ({ text, region, account }) => {
    const arn = text("TopicArn") ?? text("ResourceArn") ?? text("SubscriptionArn");
    return arn === undefined ? named(text("Name"), (name) => `arn:aws:sns:${region}:${account}:${name}`) : [arn];
  },
  sqs: ({ action, text, region, account }) =>
    action === "ListQueues"
      ? ANY
      : named(
          text("QueueName") ?? text("QueueUrl")?.split("/").at(-1),
          (name) => `arn:aws:sqs:${region}:${account}:${name}`,
        ),
  dynamodb: ({ text, parameters, region, account }) => {
    const arn = text("ResourceArn");
    if (arn !== undefined) return [arn];
    const tables = Object.keys(Object(parameters.RequestItems));
    const index = text("IndexName");
    return (tables.length > 0 ? tables : [text("TableName")]).flatMap((table) =>
      named(table, (name) => `arn:aws:dynamodb:${region}:${account}:table/${name}${index ? `/index/${index}` : ""}`),
    );
  },
  lambda: ({ action, request, text, region, account }) => {
    const [, kind = "", name = ""] =
      /^\/[\d-]+\/(functions|event-source-mappings|tags)\/?([^/?]*)/.exec(decodeURIComponent(request.url ?? "")) ?? [];
    if (kind === "tags") return [name];
    if (kind === "event-source-mappings") {
      const isOne = name !== "";
      return isOne ? [`arn:aws:lambda:${region}:${account}:event-source-mapping:${name}`] : ANY;
    }
    const functionName = action === "CreateFunction" ? text("FunctionName") : name;
    return named(functionName, (it) => `arn:aws:lambda:${region}:${account}:function:${it}`);
  },
  firehose: ({ text, region, account }) =>
    named(text("DeliveryStreamName"), (name) => `arn:aws:firehose:${region}:${account}:deliverystream/${name}`),
  iam: ({ text, account }) => {
    const role = named(text("RoleName"), (name) => `arn:aws:iam::${account}:role${text("Path") ?? "/"}${name}`);
    return role.length > 0 ? role : named(text("PolicyArn"), (arn) => arn);
  },
  kms: ({ action, text, region, account }) => {
    const arn = (name: string) => (name.startsWith("arn:") ? name : `arn:aws:kms:${region}:${account}:${name}`);
    if (["CreateKey", "ListAliases"].includes(action)) return ANY;
    const key = text("KeyId") ?? text("TargetKeyId");
    const isId = /^[\da-f-]{36}$/.test(key ?? "");
    return [...named(text("AliasName"), arn), ...named(key, (id) => arn(isId ? `key/${id}` : id))];
  },
  logs: ({ action, text, region, account }) => {
    if (action === "DescribeLogGroups") return ANY;
    const arn = text("resourceArn");
    if (arn !== undefined) return [arn];
    const stream = action === "CreateLogStream" || action === "DeleteLogStream" ? text("logStreamName") : "";
    return named(
      text("logGroupName"),
      (name) => `arn:aws:logs:${region}:${account}:log-group:${name}:${stream === "" ? "*" : `log-stream:${stream}`}`,
    );
  },
  cloudwatch: ({ action, text, parameters, region, account }) => {
    if (action === "GetMetricData") return ANY;
    const arn = text("ResourceARN");
    if (arn !== undefined) return [arn];
    const dashboard = text("DashboardName") ?? text("DashboardNames.member.1");
    if (dashboard !== undefined) return [`arn:aws:cloudwatch::${account}:dashboard/${dashboard}`];
    const listed = Array.isArray(parameters.AlarmNames) ? (parameters.AlarmNames as readonly string[]) : [];
    const alarms = [text("AlarmName"), text("AlarmNames.member.1"), ...listed];
    // Metrics have no ARNs:
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html
    const names = action === "DescribeAlarms" ? ANY : alarms;
    return names.flatMap((alarm) => named(alarm, (name) => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`));
  },
  s3: ({ action, request }) => {
    const { bucket, key } = s3Target(request);
    return [`arn:aws:s3:::${bucket}${action === "DeleteObjects" ? "/*" : key && `/${key}`}`];
  },
  xray: () => ANY,
};

function named(name: string | undefined, arn: (name: string) => string): readonly string[] {
  return name === undefined || name === "" ? [] : [arn(name)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
