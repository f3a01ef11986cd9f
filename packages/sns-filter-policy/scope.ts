export const FILTER_POLICY_SCOPES = ["MessageAttributes", "MessageBody"] as const;

/** The part of a message that a filter policy applies to: a subscription's attribute `FilterPolicyScope`. */
export type FilterPolicyScope = (typeof FILTER_POLICY_SCOPES)[number];

export const DEFAULT_FILTER_POLICY_SCOPE: FilterPolicyScope = "MessageAttributes";
