import { CLOUDWATCH } from "./cloudwatch/service";
import { DYNAMODB } from "./dynamodb/service";
import { FIREHOSE } from "./firehose/service";
import type { AnyDefinition } from "./gateway/service";
import { actionNames, supportedActionsText } from "./gateway/supported-actions";
import { IAM } from "./iam/service";
import { KMS } from "./kms/service";
import { LAMBDA } from "./lambda/service";
import type { LocalAws } from "./local-aws";
import { LOGS } from "./logs/service";
import { S3 } from "./s3/service";
import { SNS } from "./sns/service";
import { SQS } from "./sqs/service";
import { STS } from "./sts/service";

/** The services in the order of the documentation, each with its state in an instance. */
const STATES: readonly { definition: AnyDefinition; stateOf(aws: LocalAws): unknown }[] = [
  { definition: SNS, stateOf: ({ sns }) => sns },
  { definition: SQS, stateOf: ({ sqs }) => sqs },
  { definition: LAMBDA, stateOf: ({ lambda }) => lambda },
  { definition: DYNAMODB, stateOf: ({ dynamodb }) => dynamodb },
  { definition: FIREHOSE, stateOf: ({ firehose }) => firehose },
  { definition: S3, stateOf: ({ s3 }) => s3 },
  { definition: LOGS, stateOf: ({ logs }) => logs },
  { definition: CLOUDWATCH, stateOf: ({ cloudwatch }) => cloudwatch },
  { definition: IAM, stateOf: ({ iam }) => iam },
  { definition: KMS, stateOf: ({ kms }) => kms },
  { definition: STS, stateOf: () => undefined },
];

export { actionNames };

/** All services. */
export const SERVICES = STATES.map(({ definition }) => definition);

/** Returns the services with their states. */
export function servicesOf(aws: LocalAws) {
  return STATES.map(({ definition, stateOf }) => ({ definition, state: stateOf(aws) }));
}

/** The supported actions for `--help`, at most 80 columns wide. */
export const SUPPORTED_ACTIONS_TEXT = supportedActionsText(SERVICES);
