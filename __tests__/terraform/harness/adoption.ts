import { isDeepStrictEqual } from "node:util";
import { listOf, type Policy, type Statement } from "@event-pipeline/iam-policy/policy";
import { isUnknown, managed, type Plan, type ResourceChange } from "./plan";
import type { Blocks } from "./stack-file";

/** Returns the losses in a plan of the stack on the state of `adopted`; empty if there are none. */
export function lostByAdoption(plan: Plan, adopted: Blocks): string[] {
  const changes = managed(plan);
  const removed = changes
    .filter(({ change }) => change.actions.some((action) => action === "delete" || action === "forget"))
    .map(({ address, change }) => `${address} is not kept: ${change.actions.join(", ")}`);
  const lost = Object.entries(adopted).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([name, config]) => {
      const address = `${type}.${name}`;
      const resource = changes.find((change) => change.address === address);
      return lostOf(address, Object.keys(config), resource);
    }),
  );
  return [...removed, ...lost];
}

function lostOf(address: string, attributes: readonly string[], resource: ResourceChange | undefined): string[] {
  const actions = resource?.change.actions.join(", ");
  if (!resource || (actions !== "no-op" && actions !== "update")) {
    return [`${address} is in the guide, and the plan has for it: ${actions ?? "nothing"}`];
  }
  const { before, after, after_unknown: unknown } = resource.change;
  return attributes
    .filter((attribute) => isUnknown(unknown[attribute]) || !keeps(attribute, before?.[attribute], after?.[attribute]))
    .map(
      (attribute) =>
        `${address}.${attribute}: ${JSON.stringify(before?.[attribute])} → ${JSON.stringify(after?.[attribute])}`,
    );
}

/** Compares values. Spaces in JSON do not matter; a policy may gain statements and must not lose any. */
function keeps(attribute: string, before: unknown, after: unknown): boolean {
  if (before === undefined || before === null) return false;
  const [was, becomes] = [before, after].map(parsed);
  if (attribute !== "policy") return isDeepStrictEqual(was, becomes);
  const kept = listOf<Statement>((becomes as Policy).Statement);
  return listOf<Statement>((was as Policy).Statement).every((statement) =>
    kept.some((other) => isDeepStrictEqual(statement, other)),
  );
}

function parsed(value: unknown): unknown {
  return typeof value === "string" && /^[{[]/.test(value) ? JSON.parse(value) : value;
}
