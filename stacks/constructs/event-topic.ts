import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { XrayResourcePolicy } from "@cdktf/provider-aws/lib/xray-resource-policy";
import { Construct } from "constructs";
import { resourceArn } from "../aws-arn";
import { denyInsecureTransport, policyDocument } from "../policy-document";
import { topicPublisherStatements } from "../publishers";
import { addBlock, addressOf, TerraformData } from "../terraform";
import type { DeliveryStatusLogs } from "./delivery-status-logs";
import type { SharedProps } from "./shared-props";

export interface EventTopicProps extends SharedProps {
  /** Tags in addition to the provider's default tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly deliveryStatusLogs?: DeliveryStatusLogs | undefined;
}

/**
 * The SNS topic that publishers publish to. Users and roles of the same account need only an IAM policy, so the topic
 * policy has no statement for them.
 */
export class EventTopic extends Construct {
  readonly topic: SnsTopic;

  constructor(scope: Construct, id: string, props: EventTopicProps) {
    super(scope, id);
    const address = props.addresses.topic;
    const { topicConfig } = props.deliveryStatusLogs ?? {};
    const permissions = [...(topicConfig?.dependsOn ?? [])];
    if (props.tracing && props.createXRayPolicy) permissions.push(this.allowTraces(props));
    this.topic = addBlock(this, SnsTopic, "topic", address, {
      name: props.names.topic,
      ...(props.tags && { tags: { ...props.tags } }),
      ...(props.kmsKeyArn !== undefined && { kmsMasterKeyId: props.kmsKeyArn }),
      // Always set: without this argument, the provider would keep the topic's current mode.
      tracingConfig: props.tracing ? "Active" : "PassThrough",
      ...topicConfig,
      ...(permissions.length > 0 && { dependsOn: permissions }),
    });
    addBlock(this, SnsTopicPolicy, "policy", address, {
      arn: this.topic.arn,
      policy: policyDocument(
        ...topicPublisherStatements(props, { accountId: props.accountId, topicArn: this.topic.arn }),
        denyInsecureTransport("sns:Publish", this.topic.arn),
      ),
    });
  }

  /** Lets SNS send traces. Without this policy, X-Ray silently drops them, so it must exist before the topic. */
  private allowTraces(props: EventTopicProps): XrayResourcePolicy {
    const address = props.addresses.topic;
    const topicName = props.names.topic;
    const document = policyDocument({
      Sid: "TracesOfTopic",
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: ["xray:PutTraceSegments", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
      // X-Ray's actions support no resources. The condition names the topic.
      Resource: "*",
      Condition: {
        StringEquals: { "aws:SourceAccount": props.accountId },
        ArnEquals: { "aws:SourceArn": resourceArn(props, "sns", topicName) },
      },
    });
    const documentData = addBlock(this, TerraformData, "traces-document", `${address}_traces`, { input: { document } });
    return addBlock(this, XrayResourcePolicy, "traces", address, {
      policyName: topicName,
      policyDocument: document,
      // The provider cannot update the policy: https://github.com/hashicorp/terraform-provider-aws/issues/45446
      lifecycle: { replaceTriggeredBy: [addressOf(documentData)] },
    });
  }
}
