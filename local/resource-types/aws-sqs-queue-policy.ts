import type { ResourceType } from "./resource-type";

/** Asked when a subscription is made; see terraform/queue-policy.ts. */
export const awsSqsQueuePolicy: ResourceType = {};
