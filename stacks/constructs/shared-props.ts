import type { pipelineNames } from "@event-pipeline/event-model/resource-names";
import type { PipelineOptions } from "../options/pipeline-options";
import type { KeyAccess } from "./key-access";

/** The AWS names of the pipeline's own resources, without those of its consumers. */
export type PipelineNames = ReturnType<typeof pipelineNames>;

/** Props that the constructs of one pipeline share. Each construct picks those that it needs. */
export interface SharedProps extends PipelineOptions {
  /** Account of the pipeline. */
  readonly accountId: string;
  /** Key that encrypts the pipeline's data; undefined for keys that AWS owns. */
  readonly kmsKeyArn?: string | undefined;
  /** Key that encrypts the log groups; undefined for CloudWatch's own. */
  readonly logsKmsKeyArn?: string | undefined;
  readonly keyAccess: KeyAccess;
}
