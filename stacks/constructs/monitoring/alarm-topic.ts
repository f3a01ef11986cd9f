import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument } from "../../policy-document";
import { addBlock, escapeTerraform } from "../../terraform";

export interface AlarmTopicProps {
  /** Terraform name of the topic and everything that belongs to it. */
  readonly address: string;
  readonly topicName: string;
  readonly accountId: string;
  /** Email address to subscribe. */
  readonly email: string | undefined;
}

/**
 * The topic that receives alarms, unless the user has one. The pipeline's key does not encrypt it, because alarms must
 * arrive even if that key is disabled.
 */
export class AlarmTopic extends Construct {
  readonly topic: SnsTopic;
  /** Alarms must depend on this policy. */
  readonly policy: SnsTopicPolicy;

  constructor(scope: Construct, id: string, { address, topicName, accountId, email }: AlarmTopicProps) {
    super(scope, id);
    this.topic = addBlock(this, SnsTopic, "topic", address, { name: topicName });
    this.policy = addBlock(this, SnsTopicPolicy, "policy", address, {
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
    });
    if (email !== undefined) {
      addBlock(this, SnsTopicSubscription, "email", address, {
        topicArn: this.topic.arn,
        protocol: "email",
        endpoint: escapeTerraform(email),
      });
    }
  }
}
