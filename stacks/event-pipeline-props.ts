import { DEPLOYMENT_SHAPE, NAME, NAME_ALLOWED } from "./options/deployment";
import { text, textOrToken } from "./options/option-schemas";
import type { GivenPipelineOptions } from "./options/pipeline-options";
import type { SubscriberOptions } from "./options/subscribers";
import { throwIfAny, valueProblems } from "./options/validate-options";
import type { PolicyStatement } from "./policy-document";

/** A pipeline's options, name and region. */
export interface EventPipelineProps extends GivenPipelineOptions {
  /** Prefix of every resource's name, unique in the account. It may be a token. */
  readonly name: string;
  /** Region of the stack's AWS provider. */
  readonly region: string;
  /**
   * Tags of the topic, in addition to the provider's default tags.
   * @default - no additional tags
   */
  readonly topicTags?: Readonly<Record<string, string>> | undefined;
  /**
   * Folder of the event processor's bundle. A relative path is relative to the folder that Terraform runs in. If the
   * path is absolute, synth copies the bundle into that folder.
   * @default - the bundle in this package
   */
  readonly handlerPath?: string | undefined;
  /**
   * Folder of the contracts of event types and of the mapping. With contracts, `handlerPath` must be absolute, if it is
   * set: synth copies the bundle and adds the compiled contracts.
   * @default - no contracts
   */
  readonly eventsFolder?: string | undefined;
  /**
   * Prefix of the pipeline's Terraform addresses. Changing it later replaces every resource.
   * @default - the construct's ID, so that a stack can have several pipelines
   */
  readonly addressPrefix?: string | undefined;
}

/** Options of one subscriber. It inherits all options but the filter policy from the pipeline. */
export interface QueueSubscriberProps extends SubscriberOptions {
  /**
   * Folder of the handler's bundle, whose `index.mjs` exports `handler`. A relative path is relative to the folder that
   * Terraform runs in. If the path is absolute, synth copies the bundle into that folder.
   */
  readonly handlerPath: string;
  /**
   * Environment variables of the handler.
   * @default - no variables but Lambda's own
   */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /**
   * IAM statements for the calls that the handler makes.
   * @default - the handler may only consume its queue and write logs
   */
  readonly statements?: readonly PolicyStatement[] | undefined;
}

const OWN_SHAPE = {
  name: textOrToken(NAME, NAME_ALLOWED),
  topicTags: DEPLOYMENT_SHAPE.tags,
  handlerPath: text(/./, "the folder of a bundled handler"),
  eventsFolder: text(/./, "the folder of the contracts"),
  addressPrefix: text(/^(?:[A-Za-z_][A-Za-z0-9_]*)?$/, "letters, digits and underscores, not starting with a digit"),
};

/** Validates the props that are not pipeline options. @throws InvalidOptionsError naming each invalid prop. */
export function validateOwnProps(props: Omit<EventPipelineProps, keyof GivenPipelineOptions>): void {
  throwIfAny(valueProblems(OWN_SHAPE, { ...props }));
}
