import type { pipelineNames } from "@event-pipeline/event-model/resource-names";
import type { pipelineAddresses } from "../addresses";
import type { PipelineOptions } from "../options/pipeline-options";
import type { KeyAccess } from "./key-access";

/** Props of the constructs that do not use the pipeline's key. */
export interface BaseProps extends PipelineOptions {
  readonly accountId: string;
  /** AWS names of the pipeline's own resources, without those of its consumers. */
  readonly names: ReturnType<typeof pipelineNames>;
  /** Terraform names of the pipeline's own resources. */
  readonly addresses: ReturnType<typeof pipelineAddresses>;
  readonly addressPrefix: string;
}

/** Props that the constructs of one pipeline share. */
export interface SharedProps extends BaseProps {
  /** ARN of the key that encrypts the pipeline's data; undefined for keys that AWS owns. */
  readonly kmsKeyArn?: string | undefined;
  /** ARN of the key that encrypts the log groups; undefined for CloudWatch's own key. */
  readonly logsKmsKeyArn?: string | undefined;
  readonly keyAccess: KeyAccess;
}
