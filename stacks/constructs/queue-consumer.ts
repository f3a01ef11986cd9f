import { isAbsolute } from "node:path";
import { DataArchiveFile } from "@cdktf/provider-archive/lib/data-archive-file";
import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import type { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import type { QueueSubscriberProps } from "../event-pipeline-props";
import type { ConsumerOptions } from "../options/consumer";
import type { PolicyStatement } from "../policy-document";
import { addBlock } from "../terraform";
import type { EventQueue } from "./event-queue";
import { addLogGroup } from "./log-group";
import { addServiceRole, type RoleProps } from "./service-role";
import type { SharedProps } from "./shared-props";

export interface QueueConsumerProps
  extends RoleProps,
    ConsumerOptions,
    Pick<SharedProps, "tracing" | "logRetentionDays" | "logsKmsKeyArn" | "keyAccess">,
    Pick<QueueSubscriberProps, "handlerPath" | "environment" | "statements"> {
  /** Terraform name of the function and everything that belongs to it. */
  readonly address: string;
  readonly functionName: string;
  readonly queue: EventQueue;
}

/** X-Ray's write actions support no resources: https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html */
const TRACE_STATEMENT: PolicyStatement = {
  Sid: "SendTraces",
  Effect: "Allow",
  Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  Resource: "*",
};

/** A function that consumes a queue. */
export class QueueConsumer extends Construct {
  readonly function: LambdaFunction;
  private readonly logGroup: CloudwatchLogGroup;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: QueueConsumerProps,
  ) {
    super(scope, id);
    const { address, functionName, queue, maxConcurrency } = props;
    this.logGroup = addLogGroup(this, "logs", props, { address, name: `/aws/lambda/${functionName}` });
    const statements = [queue.consumeStatement(), ...(props.statements ?? [])];
    const { role, policy } = addServiceRole(this, props, {
      address,
      name: functionName,
      service: "lambda.amazonaws.com",
      policyName: "consume-queue",
      statements: [...statements, ...this.runtimeStatements()],
    });
    props.keyAccess.allow(this, role, address, statements);
    // Earlier versions had the key's statements in this policy: the key's own policy must exist before they go.
    props.keyAccess.precedes(policy);
    this.function = this.addFunction(role, policy);
    addBlock(this, LambdaEventSourceMapping, "mapping", address, {
      eventSourceArn: queue.queue.arn,
      functionName: this.function.functionName,
      batchSize: props.batchSize,
      maximumBatchingWindowInSeconds: props.batchWindowSeconds,
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...(maxConcurrency !== undefined && { scalingConfig: { maximumConcurrency: maxConcurrency } }),
      // Lambda rejects a mapping whose role cannot read the queue yet.
      dependsOn: [policy],
    });
  }

  /** Returns the permissions that every function needs. */
  private runtimeStatements(): PolicyStatement[] {
    return [
      {
        // Without CreateLogGroup, because Lambda would create the group with unlimited retention.
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${this.logGroup.arn}:log-stream:*`,
      },
      ...(this.props.tracing ? [TRACE_STATEMENT] : []),
    ];
  }

  /** Copies a bundle at an absolute path, because the JSON must not contain paths of this machine. */
  private sourceDir(): string {
    const { handlerPath } = this.props;
    if (!isAbsolute(handlerPath)) return handlerPath;
    return new TerraformAsset(this, "bundle", { path: handlerPath, type: AssetType.DIRECTORY }).path;
  }

  private addFunction(role: IamRole, policy: IamRolePolicy): LambdaFunction {
    const { address, functionName, environment, reservedConcurrency } = this.props;
    const archive = addBlock(this, DataArchiveFile, "archive", address, {
      type: "zip",
      sourceDir: this.sourceDir(),
      outputPath: `${address.replaceAll("_", "-")}.zip`,
      // Without a fixed mode, the zip and its hash would depend on each machine's umask.
      outputFileMode: "0644",
    });
    return addBlock(this, LambdaFunction, "function", address, {
      functionName,
      role: role.arn,
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      filename: archive.outputPath,
      sourceCodeHash: archive.outputBase64Sha256,
      timeout: this.props.timeoutSeconds,
      memorySize: this.props.memorySizeMiB,
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      environment: { variables: { ...environment } },
      loggingConfig: { logFormat: "JSON", logGroup: this.logGroup.name },
      // Always set, because the provider would otherwise keep the function's current mode.
      tracingConfig: { mode: this.props.tracing ? "Active" : "PassThrough" },
      dependsOn: [policy],
    });
  }
}
