import { documentedPolicy } from "./policies";
import type { RecordedCall } from "./recorded-call";

/** An action and a resource pattern that a policy allows. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
}

/** Values by the placeholder that they replace in a policy. */
export type PlaceholderValues = Readonly<Record<string, string>>;

/** Returns every combination of action and resource that the policies allow. */
export function grantsOf(policies: readonly string[], values: PlaceholderValues): Grant[] {
  return policies
    .flatMap(documentedPolicy)
    .flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ action, resource: withValues(resource, values) }))),
    );
}

function withValues(text: string, values: PlaceholderValues): string {
  return Object.entries(values).reduce((filled, [placeholder, value]) => filled.replaceAll(placeholder, value), text);
}

/** Returns the calls that no policy allows, without duplicates. */
export function deniedCalls(calls: readonly RecordedCall[], grants: readonly Grant[]): string[] {
  const all = calls.flatMap(({ action, resources }) =>
    resources.map((resource) => ({ action, resources: [resource] })),
  );
  return unique(all.filter((call) => !grants.some((grant) => permits(grant, call))).map(formatCall));
}

/** Returns the calls that doctor also makes on AWS. It asks only other endpoints whether the topic is of a local run. */
export function onAws(calls: readonly RecordedCall[]): readonly RecordedCall[] {
  return calls.filter(({ action }) => action !== "sns:ListTagsForResource");
}

/** Returns the grants that no call used. */
export function uncalled(grants: readonly Grant[], calls: readonly RecordedCall[]): string[] {
  const unused = grants.filter((grant) => !calls.some((call) => permits(grant, call)));
  return unique(unused.map(({ action, resource }) => `${action} ${resource}`));
}

function permits(grant: Grant, { action, resources }: RecordedCall): boolean {
  return grant.action === action && resources.some((resource) => matches(grant.resource, resource));
}

/** Matches IAM's wildcard `*`. The documented policies do not use `?`. */
function matches(pattern: string, resource: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|+()[\]{}?]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(resource);
}

function formatCall({ action, resources }: RecordedCall): string {
  return `${action} ${resources.join()}`;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
