/** What a filter policy looks at: the attribute `FilterPolicyScope` of a subscription. */
export type FilterPolicyScope = "MessageAttributes" | "MessageBody";

export const FILTER_POLICY_SCOPES: readonly FilterPolicyScope[] = ["MessageAttributes", "MessageBody"];

/** What SNS looks at where nothing is said. */
export const DEFAULT_FILTER_POLICY_SCOPE: FilterPolicyScope = "MessageAttributes";
