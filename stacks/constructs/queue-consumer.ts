import { isAbsolute } from "node:path";
import { DataArchiveFile } from "@cdktf/provider-archive/lib/data-archive-file";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import type { ConsumerIdentity } from "../addresses";
import type { QueueSubscriberProps } from "../event-pipeline-props";
import { allow } from "../policy-document";
import { addBlock } from "../terraform";
import type { EventQueue } from "./event-queue";
import { HandlerFolder } from "./handler-folder";
import { addLogGroup } from "./log-group";
import { addServiceRole } from "./service-role";
import type { SharedProps } from "./shared-props";

export interface QueueConsumerProps
  extends SharedProps,
    Pick<QueueSubscriberProps, "handlerPath" | "environment" | "statements"> {
  readonly identity: ConsumerIdentity;
  readonly queue: EventQueue;
  /**
   * The texts of files to add to the bundle, by name.
   * @default - no files
   */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** X-Ray's write actions support no resources: https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html */
const TRACE_STATEMENT = allow("SendTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*");

/** A Lambda function that consumes a queue. */
export class QueueConsumer extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: QueueConsumerProps) {
    super(scope, id);
    const { identity, queue, reservedConcurrency } = props;
    const { functionName, addresses } = identity;
    const address = addresses.function;
    const logGroup = addLogGroup(this, "logs", props, { address, name: `/aws/lambda/${functionName}` });
    const statements = [queue.consumeStatement(), ...(props.statements ?? [])];
    const { role, policy } = addServiceRole(this, props, {
      address,
      name: functionName,
      service: "lambda.amazonaws.com",
      policyName: "consume-queue",
      statements: [
        ...statements,
        // No logs:CreateLogGroup, because Lambda would create the log group with unlimited retention.
        allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], `${logGroup.arn}:log-stream:*`),
        ...(props.tracing ? [TRACE_STATEMENT] : []),
      ],
    });
    props.keyAccess.allow(this, role, address, statements);
    // Earlier versions allowed the use of the key in this policy. The separate policies must exist before it loses
    // those statements.
    props.keyAccess.precedes(policy);
    const archive = addBlock(this, DataArchiveFile, "archive", address, {
      type: "zip",
      sourceDir: this.sourceDir(props.handlerPath, props.files),
      outputPath: `${address.replaceAll("_", "-")}.zip`,
      // Without a fixed mode, the zip and its hash would depend on each machine's umask.
      outputFileMode: "0644",
    });
    this.function = addBlock(this, LambdaFunction, "function", address, {
      functionName,
      role: role.arn,
      runtime: "nodejs24.x",
      architectures: [props.architecture],
      handler: "index.handler",
      filename: archive.outputPath,
      sourceCodeHash: archive.outputBase64Sha256,
      timeout: props.timeoutSeconds,
      memorySize: props.memorySizeMiB,
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      environment: { variables: { ...props.environment } },
      loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
      // Always set: without this argument, the provider would keep the function's current mode.
      tracingConfig: { mode: props.tracing ? "Active" : "PassThrough" },
      dependsOn: [policy],
    });
    // Lambda would throttle invocations beyond the reserved concurrency.
    const maxConcurrency = props.maxConcurrency ?? reservedConcurrency;
    addBlock(this, LambdaEventSourceMapping, "mapping", address, {
      eventSourceArn: queue.queue.arn,
      functionName: this.function.functionName,
      batchSize: props.batchSize,
      maximumBatchingWindowInSeconds: props.batchWindowSeconds,
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...(maxConcurrency !== undefined && { scalingConfig: { maximumConcurrency: maxConcurrency } }),
      // Lambda rejects an event source mapping if the role cannot read the queue yet.
      dependsOn: [policy],
    });
  }

  /** Copies a bundle that has an absolute path, because the JSON must not contain paths of this machine. */
  private sourceDir(handlerPath: string, files: QueueConsumerProps["files"]): string {
    if (files) return new HandlerFolder(this, "folder", { handlerPath, files }).path;
    if (!isAbsolute(handlerPath)) return handlerPath;
    return new TerraformAsset(this, "bundle", { path: handlerPath, type: AssetType.DIRECTORY }).path;
  }
}
