import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { LocalBackend, S3Backend, TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { NAME_RULES } from "../contract/resource-names";
import { EventPipeline } from "./event-pipeline";
import type { Stage } from "./options/read-stage";
import { forbidSharedAddresses } from "./terraform-address";

/** The first Terraform that knows `removed` blocks, and the first with a lock file in S3. */
const REMOVED_VERSION = ">= 1.7";
const LOCK_FILE_VERSION = ">= 1.10";

export interface EventPipelineStackProps {
  /**
   * The project's root, relative to the folder that Terraform runs in. Every
   * path in the JSON starts with it, so that nothing of one machine is in it.
   */
  readonly projectRoot: string;
  readonly stage: Stage;
}

/** One stage of the pipeline with its provider, state, variable and outputs. */
export class EventPipelineStack extends TerraformStack {
  readonly pipeline: EventPipeline;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventPipelineStackProps,
  ) {
    super(scope, id);
    const { stage } = props;
    forbidSharedAddresses(this);
    this.addOverride("terraform.required_version", stage.options.stateBucket ? LOCK_FILE_VERSION : REMOVED_VERSION);
    this.addBackend(id);
    this.addAwsProvider();
    new ArchiveProvider(this, "archive");

    const name = this.addName();
    this.pipeline = new EventPipeline(this, "pipeline", {
      name: name.stringValue,
      options: stage.options,
      handlerPath: this.bundleOf("event-processor"),
    });
    for (const [subscriberId, { handler, ...filter }] of Object.entries(stage.subscribers)) {
      this.pipeline.addQueueSubscriber(subscriberId, { handlerPath: this.bundleOf(handler), ...filter });
    }
    this.addOutputs();
  }

  private addAwsProvider(): void {
    const { region, tags, assumeRoleArn, allowedAccountIds } = this.props.stage.options;
    new AwsProvider(this, "aws", {
      region,
      ...(tags && { defaultTags: [{ tags: { ...tags } }] }),
      ...(assumeRoleArn !== undefined && { assumeRole: [{ roleArn: assumeRoleArn }] }),
      ...(allowedAccountIds && { allowedAccountIds: [...allowedAccountIds] }),
    });
  }

  private addName(): TerraformVariable {
    const { name } = this.props.stage.options;
    const { pattern, lengthPattern, message } = NAME_RULES;
    const rules: { pattern: string; message: string }[] = [
      { pattern, message },
      { pattern: lengthPattern, message },
    ];
    if (name !== undefined) {
      rules.push({
        pattern: `^${name}$`,
        message: `The option name is ${name}, and the state may be kept under it. Leave TF_VAR_name out, or let it say the same.`,
      });
    }
    return new TerraformVariable(this, "name", {
      type: "string",
      description: "What every resource's name starts with. Set it with TF_VAR_name.",
      ...(name !== undefined && { default: name }),
      nullable: false,
      validation: rules.map(({ pattern, message }) => ({
        condition: `\${can(regex("${pattern}", var.name))}`,
        errorMessage: message,
      })),
    });
  }

  private bundleOf(handler: string): string {
    return `${this.props.projectRoot}/dist/lambda/${handler}`;
  }

  private addBackend(id: string): void {
    const { projectRoot, stage } = this.props;
    const { stateBucket, stateRegion, region, name } = stage.options;
    if (stateBucket === undefined) {
      new LocalBackend(this, { path: `${projectRoot}/terraform.${id}.${stage.name}.tfstate` });
      return;
    }
    const backend = new S3Backend(this, {
      bucket: stateBucket,
      key: `${id}/${name}/${stage.name}/terraform.tfstate`,
      region: stateRegion ?? region,
      encrypt: true,
    });
    // Terraform's own lock file; cdktf 0.21 has no argument for it.
    backend.addOverride("use_lockfile", true);
  }

  private addOutputs(): void {
    const { topic, queue, table, archive, processor } = this.pipeline;
    const values = {
      topic_arn: topic.topic.arn,
      queue_url: queue.queue.url,
      dlq_url: queue.deadLetterQueue.url,
      table_name: table.table.name,
      raw_bucket: archive.bucket.bucket.bucket,
      function_name: processor.function.functionName,
    };
    for (const [id, value] of Object.entries(values)) new TerraformOutput(this, id, { value });
  }
}
