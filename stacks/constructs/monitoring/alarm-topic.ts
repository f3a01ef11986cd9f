import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument } from "../../policy-document";
import { pinned } from "../../terraform-address";
import { terraformLiteral } from "../../terraform-literal";

export interface AlarmTopicProps {
  /** Terraform's name of the topic and what belongs to it. */
  readonly address: string;
  readonly topicName: string;
  readonly accountId: string;
  /** Address that is told; AWS asks it for confirmation. */
  readonly email: string | undefined;
}

/**
 * Where alarms go, when there is no topic for them yet. It is not under the
 * pipeline's key: what a disabled key brings about must still be told.
 */
export class AlarmTopic extends Construct {
  readonly topic: SnsTopic;
  /** What notifies the topic has to come after this. */
  readonly policy: SnsTopicPolicy;

  constructor(scope: Construct, id: string, { address, topicName, accountId, email }: AlarmTopicProps) {
    super(scope, id);
    this.topic = pinned(new SnsTopic(this, "topic", { name: topicName }), address);
    this.policy = pinned(
      new SnsTopicPolicy(this, "policy", {
        arn: this.topic.arn,
        policy: policyDocument(
          {
            Sid: "AlarmsOfAccount",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: "sns:Publish",
            Resource: this.topic.arn,
            Condition: { StringEquals: { "aws:SourceAccount": accountId } },
          },
          denyInsecureTransport("sns:Publish", this.topic.arn),
        ),
      }),
      address,
    );
    if (email !== undefined) {
      pinned(
        new SnsTopicSubscription(this, "email", {
          topicArn: this.topic.arn,
          protocol: "email",
          endpoint: terraformLiteral(email),
        }),
        address,
      );
    }
  }
}
