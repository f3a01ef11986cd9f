import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { DefaultTokenResolver, StringConcat, TerraformProvider, TerraformStack, Token, Tokenization } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { throwIfAny } from "./options/validate-options";

interface NamedPipeline {
  readonly scope: Construct;
  /** The name, or its token. */
  readonly name: string;
  /** The topic, whose provider is that of all resources. */
  readonly topic: SnsTopic;
}

const pipelinesByApp = new WeakMap<IConstruct, NamedPipeline[]>();

/**
 * Makes synth fail if an earlier pipeline of the app has the same name in the same account. It allows pipelines that may
 * be in different accounts: with different providers, or in different stacks, unless `allowedAccountIds` of both
 * providers is the same account, and neither has `endpoints`, which may be of two emulators. Regions do not matter,
 * because the names of IAM roles are unique in an account.
 */
export function forbidSharedName(pipeline: NamedPipeline): void {
  const { scope } = pipeline;
  const { root } = scope.node;
  const earlier = pipelinesByApp.get(root) ?? [];
  pipelinesByApp.set(root, [...earlier, pipeline]);
  scope.node.addValidation({
    validate: () => {
      // Throws, because CDKTF would print returned problems with a stack trace.
      throwIfAny(earlier.filter((other) => collide(other, pipeline)).map((other) => problemOf(other, pipeline)));
      return [];
    },
  });
}

function problemOf(earlier: NamedPipeline, { scope, name }: NamedPipeline): string {
  const [one, other] = [earlier.scope.node.path, scope.node.path];
  return `The pipelines ${one} and ${other} have the same name ${JSON.stringify(resolved(scope, name))} in one account, where their roles must have different names. Give one of them another name, or a provider for another account.`;
}

function collide(one: NamedPipeline, other: NamedPipeline): boolean {
  const stacks = [one, other].map(({ scope }) => TerraformStack.of(scope));
  const isOneStack = stacks[0] === stacks[1];
  // Variables of different stacks may have different values.
  if (!isOneStack && [one, other].some(({ name }) => Token.isUnresolved(name))) return false;
  if (resolved(one.scope, one.name) !== resolved(other.scope, other.name)) return false;
  if (isOneStack && one.topic.provider === other.topic.provider) return true;
  const [account, otherAccount] = [accountOf(one), accountOf(other)];
  return account !== undefined && account === otherAccount;
}

function resolved(scope: Construct, name: string): unknown {
  return Tokenization.resolve(name, { scope, resolver: new DefaultTokenResolver(new StringConcat()) });
}

/** Returns the only account of AWS that the provider of the pipeline allows; undefined if there may be others. */
function accountOf({ scope, topic }: NamedPipeline): string | undefined {
  const provider = topic.provider ?? defaultProvider(TerraformStack.of(scope));
  const { allowedAccountIdsInput = [], endpointsInput } = (provider ?? {}) as Partial<AwsProvider>;
  const [account = "", ...others] = new Set(allowedAccountIdsInput);
  // Other texts are expressions, whose values may differ.
  const isOnly = others.length === 0 && /^\d{12}$/.test(account);
  return isOnly && endpointsInput === undefined ? account : undefined;
}

/** Returns the stack's AWS provider without an alias. */
function defaultProvider(stack: TerraformStack): TerraformProvider | undefined {
  return stack.node
    .findAll()
    .filter(TerraformProvider.isTerraformProvider)
    .find(({ terraformResourceType, alias }) => terraformResourceType === "aws" && alias === undefined);
}
