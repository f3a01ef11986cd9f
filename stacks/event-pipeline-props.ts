import { DEPLOYMENT_SHAPE, NAME, NAME_ALLOWED } from "./options/deployment";
import { InvalidOptionsError } from "./options/invalid-options-error";
import { text, textOrToken } from "./options/kinds";
import type { GivenPipelineOptions } from "./options/pipeline-options";
import type { OwnOptions } from "./options/subscribers";
import { valueProblems } from "./options/value-problems";
import type { PolicyStatement } from "./policy-document";

/** A pipeline's options, and where it stands. */
export interface EventPipelineProps extends GivenPipelineOptions {
  /** The `{name}` that every resource's name starts with: a literal or a token. */
  readonly name: string;
  /** Region of the stack's AWS provider. */
  readonly region: string;
  /**
   * Tags of the topic, beyond those of the provider.
   * @default - none
   */
  readonly topicTags?: Readonly<Record<string, string>> | undefined;
  /**
   * Folder of the event processor's bundle: relative to the folder that
   * Terraform runs in, or an absolute one, which synth copies there.
   * @default - the bundle in this package
   */
  readonly handlerPath?: string | undefined;
  /**
   * What the pipeline's Terraform addresses start with. State files hold them:
   * another prefix later replaces everything.
   * @default - the construct's id, so that two pipelines of a stack differ
   */
  readonly addressPrefix?: string | undefined;
}

/** A subscriber's own options; of the others it has what the pipeline has. */
export interface QueueSubscriberProps extends OwnOptions {
  /**
   * Folder of its handler's bundle, with `handler` in `index.mjs`: relative to
   * the folder that Terraform runs in, or an absolute one, which synth copies there.
   */
  readonly handlerPath: string;
  /**
   * Environment variables of the handler.
   * @default - none but Lambda's own
   */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /**
   * What the handler itself calls.
   * @default - nothing; it may consume its queue and write logs
   */
  readonly statements?: readonly PolicyStatement[] | undefined;
}

const OWN_SHAPE = {
  name: textOrToken(NAME, NAME_ALLOWED),
  topicTags: DEPLOYMENT_SHAPE.tags,
  handlerPath: text(/./, "the folder of a bundled handler"),
  addressPrefix: text(/^(?:[A-Za-z_][A-Za-z0-9_]*)?$/, "letters, digits and underscores, not starting with a digit"),
};

/** @throws InvalidOptionsError naming each that is wrong. */
export function checkOwnProps(props: Omit<EventPipelineProps, keyof GivenPipelineOptions>): void {
  const problems = valueProblems(OWN_SHAPE, { ...props });
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}
