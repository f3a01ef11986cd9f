import type { ResourceType } from "./resource-type";

/** A function's; made with the function, by local-pipeline.ts. What Firehose would log is told as a note. */
export const awsCloudwatchLogGroup: ResourceType = {
  isRun: (block) => String(block.get("name")).startsWith("/aws/lambda/"),
};
