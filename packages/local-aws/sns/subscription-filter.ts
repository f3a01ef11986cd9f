import {
  type FilterPolicy,
  FilterPolicyError,
  parseFilterPolicyJson,
} from "@event-pipeline/sns-filter-policy/filter-policy";
import { matches } from "@event-pipeline/sns-filter-policy/matches";
import { DEFAULT_FILTER_POLICY_SCOPE, type FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import type { SnsSubscription } from "../fauxqs/parts";
import type { PublishedMessage } from "./message";

interface Read {
  readonly json: string;
  readonly scope: string;
  readonly policy: FilterPolicy | undefined;
}

/** What was read of a subscription's policy: it is asked for every message. */
const readOf = new WeakMap<SnsSubscription, Read>();

/** Whether a subscription's filter policy lets a message through; one without a policy takes every message. */
export function letsThrough(subscription: SnsSubscription, message: PublishedMessage): boolean {
  const policy = policyOf(subscription);
  const { textFor, attributes } = message;
  return !policy || matches(policy, { body: textFor(subscription.protocol), attributes });
}

function policyOf(subscription: SnsSubscription): FilterPolicy | undefined {
  const { FilterPolicy: json = "", FilterPolicyScope: scope = DEFAULT_FILTER_POLICY_SCOPE } = subscription.attributes;
  if (json === "") return undefined;
  const known = readOf.get(subscription);
  if (known?.json === json && known.scope === scope) return known.policy;
  const policy = read(json, scope as FilterPolicyScope);
  readOf.set(subscription, { json, scope, policy });
  return policy;
}

/** An earlier version took policies that SNS refuses, and kept them in the data folder: they filter nothing out. */
function read(json: string, scope: FilterPolicyScope): FilterPolicy | undefined {
  try {
    return parseFilterPolicyJson(json, scope);
  } catch (error) {
    if (error instanceof FilterPolicyError) return undefined;
    throw error;
  }
}
