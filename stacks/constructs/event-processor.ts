import { DataArchiveFile } from "@cdktf/provider-archive/lib/data-archive-file";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { Construct } from "constructs";
import type { ConsumerIdentity } from "../consumer-identity";
import { maxConcurrency } from "../options/consumer";
import type { PipelineOptions } from "../options/pipeline-options";
import { type PolicyStatement, policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import { useKeyStatements } from "./encryption-key";
import type { EventQueue } from "./event-queue";
import { roleConfig } from "./role-config";

export interface EventProcessorProps {
  readonly identity: ConsumerIdentity;
  readonly options: PipelineOptions;
  readonly queue: EventQueue;
  /** Folder of the bundled handler, relative to the folder that Terraform runs in. */
  readonly handlerPath: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What the handler itself calls; queue, logs, key and traces are added. */
  readonly statements: readonly PolicyStatement[];
  readonly kmsKeyArn: string | undefined;
}

/** A function that consumes a queue. */
export class EventProcessor extends Construct {
  readonly function: LambdaFunction;
  private readonly logGroup: CloudwatchLogGroup;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventProcessorProps,
  ) {
    super(scope, id);
    const { identity, options, queue, kmsKeyArn } = props;
    const address = identity.addresses.function;
    const maximumConcurrency = maxConcurrency(options);
    this.logGroup = pinned(
      new CloudwatchLogGroup(this, "logs", {
        name: `/aws/lambda/${identity.functionName}`,
        retentionInDays: options.logRetentionDays,
        ...(options.encryptLogs && kmsKeyArn !== undefined && { kmsKeyId: kmsKeyArn }),
      }),
      address,
    );
    const role = pinned(
      new IamRole(this, "role", roleConfig(identity.functionName, "lambda.amazonaws.com", options)),
      address,
    );
    const policy = pinned(
      new IamRolePolicy(this, "policy", {
        name: "consume-queue",
        role: role.id,
        policy: policyDocument(...this.statements()),
      }),
      address,
    );
    this.function = this.addFunction(role, policy);
    pinned(
      new LambdaEventSourceMapping(this, "mapping", {
        eventSourceArn: queue.queue.arn,
        functionName: this.function.functionName,
        batchSize: options.batchSize,
        maximumBatchingWindowInSeconds: options.batchWindowSeconds,
        functionResponseTypes: ["ReportBatchItemFailures"],
        ...(maximumConcurrency !== undefined && { scalingConfig: { maximumConcurrency } }),
        // Lambda refuses a mapping whose role cannot yet read the queue.
        dependsOn: [policy],
      }),
      address,
    );
  }

  private statements(): PolicyStatement[] {
    const { queue, statements, options, kmsKeyArn } = this.props;
    return [
      queue.consumeStatement(),
      ...statements,
      {
        // No CreateLogGroup: a group that Lambda made itself would keep logs for ever.
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${this.logGroup.arn}:log-stream:*`,
      },
      ...useKeyStatements(kmsKeyArn),
      ...(options.tracing ? [TRACE_STATEMENT] : []),
    ];
  }

  private addFunction(role: IamRole, policy: IamRolePolicy): LambdaFunction {
    const { identity, options, handlerPath, environment } = this.props;
    const address = identity.addresses.function;
    const archive = pinned(
      new DataArchiveFile(this, "archive", {
        type: "zip",
        sourceDir: handlerPath,
        outputPath: `${address.replaceAll("_", "-")}.zip`,
        // Without a fixed mode the zip, and so its hash, follows each machine's umask.
        outputFileMode: "0644",
      }),
      address,
    );
    return pinned(
      new LambdaFunction(this, "function", {
        functionName: identity.functionName,
        role: role.arn,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: "index.handler",
        filename: archive.outputPath,
        sourceCodeHash: archive.outputBase64Sha256,
        timeout: options.timeoutSeconds,
        memorySize: options.memorySizeMiB,
        ...(options.reservedConcurrency !== undefined && {
          reservedConcurrentExecutions: options.reservedConcurrency,
        }),
        environment: { variables: { ...environment } },
        loggingConfig: { logFormat: "JSON", logGroup: this.logGroup.name },
        // Always said: without it the provider leaves whatever mode the function has.
        tracingConfig: { mode: options.tracing ? "Active" : "PassThrough" },
        dependsOn: [policy],
      }),
      address,
    );
  }
}

/** X-Ray's write actions take no resource: https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html */
const TRACE_STATEMENT: PolicyStatement = {
  Sid: "SendTraces",
  Effect: "Allow",
  Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  Resource: "*",
};
