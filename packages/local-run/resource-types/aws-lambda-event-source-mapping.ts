import type { ResourceType } from "./resource-type";

/** Run by lambda/event-source-mapping.ts. */
export const awsLambdaEventSourceMapping: ResourceType = {};
