import { documentedPolicy } from "./policies";
import type { RecordedCall } from "./recorded-call";

/** One action on resources of one pattern, allowed by a policy. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
}

/** Values for the placeholders of a policy. */
export type Place = Readonly<Record<string, string>>;

/** Returns every action of the policies with every resource. */
export function grantsOf(policies: readonly string[], place: Place): Grant[] {
  return policies
    .flatMap(documentedPolicy)
    .flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ action, resource: filledIn(resource, place) }))),
    );
}

function filledIn(text: string, place: Place): string {
  return Object.entries(place).reduce((filled, [placeholder, value]) => filled.replaceAll(placeholder, value), text);
}

/** Returns the calls that no policy allows, without duplicates. */
export function denied(calls: readonly RecordedCall[], grants: readonly Grant[]): string[] {
  const all = calls.flatMap(({ action, resources }) =>
    resources.map((resource) => ({ action, resources: [resource] })),
  );
  return unique(all.filter((call) => !grants.some((grant) => permits(grant, call))).map(shown));
}

/** Returns the grants that were never called. */
export function uncalled(grants: readonly Grant[], calls: readonly RecordedCall[]): string[] {
  const unused = grants.filter((grant) => !calls.some((call) => permits(grant, call)));
  return unique(unused.map(({ action, resource }) => `${action} ${resource}`));
}

function permits(grant: Grant, { action, resources }: RecordedCall): boolean {
  return grant.action === action && resources.some((resource) => matches(grant.resource, resource));
}

/** Matches IAM's `*`; no policy here has a `?`. */
function matches(pattern: string, resource: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|+()[\]{}?]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(resource);
}

function shown({ action, resources }: RecordedCall): string {
  return `${action} ${resources.join()}`;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
