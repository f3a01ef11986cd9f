import { DataArchiveFile } from "@cdktf/provider-archive/lib/data-archive-file";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { Construct } from "constructs";
import { policyDocument, trustPolicy } from "../policy-document";
import { pinned } from "../terraform-address";
import type { EventQueue } from "./event-queue";
import type { EventTable } from "./event-table";

export interface EventProcessorProps {
  readonly functionName: string;
  readonly queue: EventQueue;
  readonly table: EventTable;
  /** Folder of the bundled handler, relative to the folder that Terraform runs in. */
  readonly handlerFolder: string;
  /** Seconds after which Lambda kills an invocation. */
  readonly timeoutSeconds: number;
  /** MiB of memory; Lambda gives CPU in proportion. */
  readonly memorySizeMiB: number;
  /** Most messages in one invocation, 1–10 without a batching window. */
  readonly batchSize: number;
  /** Days after which an item expires; 0 keeps items for ever. */
  readonly eventTtlDays: number;
  /** Days that the function's logs are kept. */
  readonly logRetentionDays: number;
}

/** The function that turns queued events into items. */
export class EventProcessor extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: EventProcessorProps) {
    super(scope, id);
    const logGroup = pinned(
      new CloudwatchLogGroup(this, "logs", {
        name: `/aws/lambda/${props.functionName}`,
        retentionInDays: props.logRetentionDays,
      }),
      "event_processor",
    );
    const role = pinned(
      new IamRole(this, "role", { name: props.functionName, assumeRolePolicy: trustPolicy("lambda.amazonaws.com") }),
      "event_processor",
    );
    const policy = this.allow(role, logGroup, props);
    this.function = this.addFunction(role, policy, logGroup, props);
    pinned(
      new LambdaEventSourceMapping(this, "mapping", {
        eventSourceArn: props.queue.queue.arn,
        functionName: this.function.functionName,
        batchSize: props.batchSize,
        functionResponseTypes: ["ReportBatchItemFailures"],
        // Lambda refuses a mapping whose role cannot yet read the queue.
        dependsOn: [policy],
      }),
      "event_processor",
    );
  }

  private allow(role: IamRole, logGroup: CloudwatchLogGroup, props: EventProcessorProps): IamRolePolicy {
    return pinned(
      new IamRolePolicy(this, "policy", {
        name: "event-processor",
        role: role.id,
        policy: policyDocument(
          {
            Sid: "ConsumeQueue",
            Effect: "Allow",
            Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            Resource: props.queue.queue.arn,
          },
          props.table.writeStatement(),
          {
            Sid: "DeadLetterRefusedEvents",
            Effect: "Allow",
            Action: "sqs:SendMessage",
            Resource: props.queue.deadLetterQueue.arn,
          },
          {
            // No CreateLogGroup: a group that Lambda made itself would keep logs for ever.
            Sid: "WriteLogs",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: `${logGroup.arn}:log-stream:*`,
          },
        ),
      }),
      "event_processor",
    );
  }

  private addFunction(
    role: IamRole,
    policy: IamRolePolicy,
    logGroup: CloudwatchLogGroup,
    props: EventProcessorProps,
  ): LambdaFunction {
    const archive = pinned(
      new DataArchiveFile(this, "archive", {
        type: "zip",
        sourceDir: props.handlerFolder,
        outputPath: "event-processor.zip",
        // Without a fixed mode the zip, and so its hash, follows each machine's umask.
        outputFileMode: "0644",
      }),
      "event_processor",
    );
    return pinned(
      new LambdaFunction(this, "function", {
        functionName: props.functionName,
        role: role.arn,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: "index.handler",
        filename: archive.outputPath,
        sourceCodeHash: archive.outputBase64Sha256,
        timeout: props.timeoutSeconds,
        memorySize: props.memorySizeMiB,
        environment: {
          variables: {
            TABLE_NAME: props.table.table.name,
            DEAD_LETTER_QUEUE_URL: props.queue.deadLetterQueue.url,
            EVENT_TTL_DAYS: String(props.eventTtlDays),
          },
        },
        loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
        dependsOn: [policy],
      }),
      "event_processor",
    );
  }
}
