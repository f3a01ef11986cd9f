import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { NAME_RULES, RESERVED_NAMES } from "@event-pipeline/event-model/resource-names";
import { LocalBackend, S3Backend, TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { EventPipeline } from "./event-pipeline";
import { handlerBundle } from "./handler-bundle";
import type { Stage } from "./options/read-stage";
import { type GivenStageOptions, pipelineOptionsOf, type StageOptions } from "./options/stage-options";
import { readSubscribers } from "./options/subscribers";
import { validateStageOptions } from "./options/validate-options";
import { warnAboutProvider } from "./synth-warnings";

/** The first Terraform versions with `removed` blocks, and with a lock file in S3. */
const MIN_VERSION = ">= 1.7";
const MIN_VERSION_WITH_S3_LOCK = ">= 1.10";

export interface EventPipelineStackProps {
  /**
   * Folder of the contracts and the mapping.
   * @default - no contracts
   */
  readonly eventsFolder?: string | undefined;
  /**
   * The project's root, relative to the folder that Terraform runs in. Every path in the JSON starts with it, so that the
   * JSON is the same on every machine.
   */
  readonly projectRoot: string;
  readonly stage: GivenStage;
}

/** A stage as the user configures it. Options that are left out get their defaults. */
export interface GivenStage {
  readonly name: string;
  readonly options: GivenStageOptions;
  /**
   * Queue subscribers besides the event processor, by ID.
   * @default - no other subscribers
   */
  readonly subscribers?: Stage["subscribers"];
}

/**
 * The stack of one stage: a pipeline with providers, a backend, the variable `name` and outputs.
 *
 * @example
 * const stage = readStage(readContext("cdktf.json"), process.env);
 * new EventPipelineStack(app, "event-pipeline", { projectRoot: "../../..", stage });
 */
export class EventPipelineStack extends TerraformStack {
  readonly pipeline: EventPipeline;
  private readonly options: StageOptions;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventPipelineStackProps,
  ) {
    super(scope, id);
    const { stage } = props;
    const options = validateStageOptions(stage.options);
    const subscribers = readSubscribers(stage.subscribers ?? {}, options);
    this.options = options;
    this.addOverride("terraform.required_version", options.stateBucket ? MIN_VERSION_WITH_S3_LOCK : MIN_VERSION);
    this.addBackend(id);
    this.addAwsProvider();
    new ArchiveProvider(this, "archive");

    const name = this.addName().stringValue;
    this.pipeline = new EventPipeline(this, "pipeline", {
      ...pipelineOptionsOf(options),
      name,
      // The tags of the guide (docs/guide.md), unless the stage has its own.
      topicTags: options.tags ? undefined : { Project: "onboarding", Owner: name },
      // Synth copies an absolute path's bundle, which gets the contracts. Otherwise, Terraform zips the bundle itself.
      handlerPath:
        props.eventsFolder === undefined ? this.bundleOf("event-processor") : handlerBundle("event-processor"),
      eventsFolder: props.eventsFolder,
      // The guide's addresses have no prefix.
      addressPrefix: "",
    });
    for (const [subscriberId, { handler, ...own }] of Object.entries(subscribers)) {
      this.pipeline.addQueueSubscriber(subscriberId, { ...own, handlerPath: this.bundleOf(handler) });
    }
    this.addOutputs();
  }

  private addAwsProvider(): void {
    const { region, tags, assumeRoleArn, allowedAccountIds, emulator, awsProviderVersion } = this.options;
    const provider = new AwsProvider(this, "aws", {
      region,
      ...(tags && { defaultTags: [{ tags: { ...tags } }] }),
      ...(assumeRoleArn !== undefined && { assumeRole: [{ roleArn: assumeRoleArn }] }),
      ...(allowedAccountIds && { allowedAccountIds: [...allowedAccountIds] }),
      // Otherwise, the bucket's name would be part of the host name, which an emulator may not have.
      ...(emulator && { s3UsePathStyle: true }),
    });
    const defaultVersion = provider.terraformGeneratorMetadata?.providerVersion;
    const version = awsProviderVersion ?? defaultVersion;
    if (version !== defaultVersion) this.addOverride("terraform.required_providers.aws.version", version);
    if (version !== undefined) warnAboutProvider(this, version, this.options);
  }

  private addName(): TerraformVariable {
    const { name, rawBucketName } = this.options;
    const { pattern, lengthPattern, message } = NAME_RULES;
    const matches = (regex: string) => `can(regex("${regex}", var.name))`;
    const rules: [condition: string, message: string][] = [
      [matches(pattern), message],
      [matches(lengthPattern), message],
    ];
    if (rawBucketName === undefined) rules.push([`!${matches(RESERVED_NAMES.pattern)}`, RESERVED_NAMES.message]);
    if (name !== undefined) {
      rules.push([
        matches(`^${name}$`),
        `The option name is ${name}, and the state may be kept under it. Leave TF_VAR_name out, or let it say the same.`,
      ]);
    }
    return new TerraformVariable(this, "name", {
      type: "string",
      description: "Prefix of every resource's name. Set it with TF_VAR_name.",
      ...(name !== undefined && { default: name }),
      nullable: false,
      validation: rules.map(([condition, errorMessage]) => ({ condition: `\${${condition}}`, errorMessage })),
    });
  }

  private bundleOf(handler: string): string {
    return `${this.props.projectRoot}/dist/lambda/${handler}`;
  }

  private addBackend(id: string): void {
    const { projectRoot, stage } = this.props;
    const { stateBucket, stateRegion, region, name } = this.options;
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
    // cdktf 0.21 has no argument for the lock file.
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
