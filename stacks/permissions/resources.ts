import { ARNS } from "@event-pipeline/event-model/resource-arns";

export const QUEUES = [...ARNS.queues, ...ARNS.deadLetterQueues];
export const TOPICS = [ARNS.topic, ARNS.alarmTopic];
/** Lambda names a mapping by a UUID. */
export const MAPPINGS = ["arn:aws:lambda:REGION:ACCOUNT:event-source-mapping:*"];
/** What is in the log groups; their tags are on ARNS.logGroups themselves. */
export const LOGS = ARNS.logGroups.map((group) => `${group}:*`);
