import { CLOUDWATCH } from "./cloudwatch/service";
import { DYNAMODB } from "./dynamodb/service";
import { FIREHOSE } from "./firehose/service";
import type { AnyDefinition } from "./gateway/service";
import { actionNames, supportedActionsText } from "./gateway/supported-actions";
import { IAM } from "./iam/service";
import { KMS } from "./kms/service";
import { LAMBDA } from "./lambda/service";
import { LOGS } from "./logs/service";
import { S3 } from "./s3/service";
import { SNS } from "./sns/service";
import { SQS } from "./sqs/service";
import { STS } from "./sts/service";

/** The services in the order of the documentation, by the property of LocalAws with their state. */
const BY_STATE = {
  sns: SNS,
  sqs: SQS,
  lambda: LAMBDA,
  dynamodb: DYNAMODB,
  firehose: FIREHOSE,
  s3: S3,
  logs: LOGS,
  cloudwatch: CLOUDWATCH,
  iam: IAM,
  kms: KMS,
  sts: STS,
} satisfies Readonly<Record<string, AnyDefinition>>;

export { actionNames };

/** All services. */
export const SERVICES: readonly AnyDefinition[] = Object.values(BY_STATE);

/** Returns the services with their states. STS has none. */
export function servicesOf(states: Readonly<Record<Exclude<keyof typeof BY_STATE, "sts">, unknown>>) {
  return Object.entries<AnyDefinition>(BY_STATE).map(([name, definition]) => ({
    definition,
    state: (states as Readonly<Record<string, unknown>>)[name],
  }));
}

/** The supported actions for `--help`, at most 80 columns wide. */
export const SUPPORTED_ACTIONS_TEXT = supportedActionsText(SERVICES);
