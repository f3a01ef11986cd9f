import type { Block } from "@event-pipeline/terraform-json/stack-json";

interface Statement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: string };
  readonly Action: string | readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Whether a queue's policy lets SNS send to it from the topic. fauxqs delivers
 * without asking; AWS drops the event, and that mistake must not pass here.
 */
export function allowsSnsToSend(policies: readonly Block[], queueArn: string, topicArn: string): boolean {
  return policies
    .flatMap((block) => (JSON.parse(String(block.get("policy"))) as { Statement: Statement[] }).Statement)
    .some(
      ({ Effect, Principal, Action, Resource, Condition }) =>
        Effect === "Allow" &&
        Principal?.Service === "sns.amazonaws.com" &&
        [Action].flat().includes("sqs:SendMessage") &&
        Resource === queueArn &&
        Object.values(Condition ?? {}).some((condition) => condition["aws:SourceArn"] === topicArn),
    );
}
