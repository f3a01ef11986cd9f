import { isAbsolute } from "node:path";
import { DataArchiveFile } from "@cdktf/provider-archive/lib/data-archive-file";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { type PolicyStatement, policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import type { EventQueue } from "./event-queue";
import type { KeyAccess } from "./key-access";
import { allowedActions } from "./key-use";
import { type RoleProps, roleConfig } from "./role-config";

export interface QueueConsumerProps extends RoleProps {
  /** Terraform's name of the function and all that belongs to it. */
  readonly address: string;
  readonly functionName: string;
  readonly queue: EventQueue;
  /**
   * Folder of the bundled handler, with `handler` in `index.mjs`: relative to the folder that Terraform runs in, or an
   * absolute one, which synth copies there.
   */
  readonly handlerPath: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What the handler itself calls; queue, logs, key and traces are added. */
  readonly statements: readonly PolicyStatement[];
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly timeoutSeconds: number;
  readonly memorySizeMiB: number;
  /** Most invocations that the queue may have running at once; undefined for as many as Lambda scales to. */
  readonly maxConcurrency?: number | undefined;
  /** Invocations that are kept for the function; undefined for none. */
  readonly reservedConcurrency?: number | undefined;
  readonly tracing: boolean;
  readonly logRetentionDays: number;
  /** Key of the logs; undefined for CloudWatch's own. */
  readonly logsKmsKeyArn?: string | undefined;
  readonly keyAccess: KeyAccess;
}

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
    const { address, functionName, queue, maxConcurrency, logsKmsKeyArn } = props;
    this.logGroup = pinned(
      new CloudwatchLogGroup(this, "logs", {
        name: `/aws/lambda/${functionName}`,
        retentionInDays: props.logRetentionDays,
        ...(logsKmsKeyArn !== undefined && { kmsKeyId: logsKmsKeyArn }),
      }),
      address,
    );
    const calls = [queue.consumeStatement(), ...props.statements];
    const role = pinned(new IamRole(this, "role", roleConfig(functionName, "lambda.amazonaws.com", props)), address);
    const policy = pinned(
      new IamRolePolicy(this, "policy", {
        name: "consume-queue",
        role: role.id,
        policy: policyDocument(...calls, ...this.ownStatements()),
      }),
      address,
    );
    props.keyAccess.allow(this, role, address, allowedActions(calls));
    // A role that had the right in this policy keeps it: the policies of keys come first.
    props.keyAccess.precedes(policy);
    this.function = this.addFunction(role, policy);
    pinned(
      new LambdaEventSourceMapping(this, "mapping", {
        eventSourceArn: queue.queue.arn,
        functionName: this.function.functionName,
        batchSize: props.batchSize,
        maximumBatchingWindowInSeconds: props.batchWindowSeconds,
        functionResponseTypes: ["ReportBatchItemFailures"],
        ...(maxConcurrency !== undefined && { scalingConfig: { maximumConcurrency: maxConcurrency } }),
        // Lambda refuses a mapping whose role cannot yet read the queue.
        dependsOn: [policy],
      }),
      address,
    );
  }

  /** What the function does whatever its handler calls. */
  private ownStatements(): PolicyStatement[] {
    return [
      {
        // No CreateLogGroup: a group that Lambda made itself would keep logs for ever.
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${this.logGroup.arn}:log-stream:*`,
      },
      ...(this.props.tracing ? [TRACE_STATEMENT] : []),
    ];
  }

  /** Nothing of this machine is to be in the JSON, and a folder elsewhere would not be where Terraform runs. */
  private sourceDir(): string {
    const { handlerPath } = this.props;
    if (!isAbsolute(handlerPath)) return handlerPath;
    return new TerraformAsset(this, "bundle", { path: handlerPath, type: AssetType.DIRECTORY }).path;
  }

  private addFunction(role: IamRole, policy: IamRolePolicy): LambdaFunction {
    const { address, functionName, environment, reservedConcurrency } = this.props;
    const archive = pinned(
      new DataArchiveFile(this, "archive", {
        type: "zip",
        sourceDir: this.sourceDir(),
        outputPath: `${address.replaceAll("_", "-")}.zip`,
        // Without a fixed mode the zip, and so its hash, follows each machine's umask.
        outputFileMode: "0644",
      }),
      address,
    );
    return pinned(
      new LambdaFunction(this, "function", {
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
        // Always said: without it the provider leaves whatever mode the function has.
        tracingConfig: { mode: this.props.tracing ? "Active" : "PassThrough" },
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
