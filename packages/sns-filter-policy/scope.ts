/** The part of a message that a filter policy matches: the attribute `FilterPolicyScope` of a subscription. */
export type FilterPolicyScope = "MessageAttributes" | "MessageBody";

export const FILTER_POLICY_SCOPES: readonly FilterPolicyScope[] = ["MessageAttributes", "MessageBody"];

/** SNS's default scope. */
export const DEFAULT_FILTER_POLICY_SCOPE: FilterPolicyScope = "MessageAttributes";
