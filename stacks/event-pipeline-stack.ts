import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { LocalBackend, TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { EventPipeline } from "./event-pipeline";
import { NAME_RULES } from "./names";
import { forbidSharedAddresses } from "./terraform-address";

export interface EventPipelineStackProps {
  /**
   * The project's root, relative to the folder that Terraform runs in. Every
   * path in the JSON starts with it, so that nothing of one machine is in it.
   */
  readonly projectRoot: string;
}

/** The pipeline with its provider, state, variable and outputs. */
export class EventPipelineStack extends TerraformStack {
  constructor(scope: Construct, id: string, { projectRoot }: EventPipelineStackProps) {
    super(scope, id);
    forbidSharedAddresses(this);
    new LocalBackend(this, { path: `${projectRoot}/terraform.${id}.tfstate` });
    new AwsProvider(this, "aws", { region: "us-east-1" });
    new ArchiveProvider(this, "archive");

    const name = new TerraformVariable(this, "name", {
      type: "string",
      description: "What every resource's name starts with. Set it with TF_VAR_name.",
      nullable: false,
      validation: [NAME_RULES.pattern, NAME_RULES.lengthPattern].map((pattern) => ({
        condition: `\${can(regex("${pattern}", var.name))}`,
        errorMessage: NAME_RULES.message,
      })),
    });

    const pipeline = new EventPipeline(this, "pipeline", {
      name: name.stringValue,
      handlerFolder: `${projectRoot}/dist/lambda/event-processor`,
    });

    this.addOutputs({
      topic_arn: pipeline.topic.topic.arn,
      queue_url: pipeline.queue.queue.url,
      dlq_url: pipeline.queue.deadLetterQueue.url,
      table_name: pipeline.table.table.name,
      raw_bucket: pipeline.archive.bucket.bucket,
      function_name: pipeline.processor.function.functionName,
    });
  }

  private addOutputs(values: Readonly<Record<string, string>>): void {
    for (const [id, value] of Object.entries(values)) new TerraformOutput(this, id, { value });
  }
}
