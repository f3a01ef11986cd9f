import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { XrayResourcePolicy } from "@cdktf/provider-aws/lib/xray-resource-policy";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument } from "../policy-document";
import { type Publishers, topicPublisherStatements } from "../publishers";
import { type Place, resourceArn } from "../resource-arn";
import { addressOf, pinned } from "../terraform-address";
import type { DeliveryStatusLogs } from "./delivery-status-logs";
import { TerraformData } from "./terraform-data";

export interface EventTopicProps extends Publishers, Place {
  /** Terraform's name of the topic and its policies. */
  readonly address: string;
  readonly topicName: string;
  /** Tags beyond those of the provider. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The pipeline's own: its identities need no statement here, as their own policies are enough. */
  readonly accountId: string;
  /**
   * Key that encrypts messages at rest; publishers need `kms:GenerateDataKey` and `kms:Decrypt` on it.
   * @default - no key of the customer's
   */
  readonly kmsKeyArn?: string | undefined;
  /** Whether X-Ray follows traced messages through the topic. */
  readonly tracing: boolean;
  /** Whether X-Ray is told to take the traces of this topic; needed once in an account and region. */
  readonly createXRayPolicy: boolean;
  /** Logs of what became of each delivery, if there are some. */
  readonly deliveryStatusLogs?: DeliveryStatusLogs | undefined;
}

/** Where agents publish: every subscriber gets every event. */
export class EventTopic extends Construct {
  readonly topic: SnsTopic;

  constructor(scope: Construct, id: string, props: EventTopicProps) {
    super(scope, id);
    const { topicConfig } = props.deliveryStatusLogs ?? {};
    const permissions = [...(topicConfig?.dependsOn ?? [])];
    if (props.tracing && props.createXRayPolicy) permissions.push(this.allowTraces(props));
    this.topic = pinned(
      new SnsTopic(this, "topic", {
        name: props.topicName,
        ...(props.tags && { tags: { ...props.tags } }),
        ...(props.kmsKeyArn !== undefined && { kmsMasterKeyId: props.kmsKeyArn }),
        // Always said: without it the provider leaves whatever mode the topic has.
        tracingConfig: props.tracing ? "Active" : "PassThrough",
        ...topicConfig,
        ...(permissions.length > 0 && { dependsOn: permissions }),
      }),
      props.address,
    );
    pinned(
      new SnsTopicPolicy(this, "policy", {
        arn: this.topic.arn,
        policy: policyDocument(
          ...topicPublisherStatements(props, { accountId: props.accountId, topicArn: this.topic.arn }),
          denyInsecureTransport("sns:Publish", this.topic.arn),
        ),
      }),
      props.address,
    );
  }

  /** SNS's active tracing needs X-Ray's consent, and drops its segments silently without: the topic comes after it. */
  private allowTraces(props: EventTopicProps): XrayResourcePolicy {
    const { address, topicName, accountId } = props;
    const document = policyDocument({
      Sid: "TracesOfTopic",
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: ["xray:PutTraceSegments", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
      // X-Ray has no resources to name here; the topic is named in the condition.
      Resource: "*",
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnEquals: { "aws:SourceArn": resourceArn(props, "sns", topicName) },
      },
    });
    const written = pinned(new TerraformData(this, "traces-document", { document }), `${address}_traces`);
    return pinned(
      new XrayResourcePolicy(this, "traces", {
        policyName: topicName,
        policyDocument: document,
        // The provider cannot update the policy: https://github.com/hashicorp/terraform-provider-aws/issues/45446
        lifecycle: { replaceTriggeredBy: [addressOf(written)] },
      }),
      address,
    );
  }
}
