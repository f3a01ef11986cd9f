import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument } from "../../policy-document";
import { addBlock, escapeTerraform } from "../../terraform";
import type { SharedProps } from "../shared-props";

/**
 * The SNS topic for alarms if `alarmTopicArn` is not set. The pipeline's key does not encrypt the topic, because alarms
 * must arrive even if that key is disabled.
 */
export class AlarmTopic extends Construct {
  readonly topic: SnsTopic;
  /** Alarms must depend on this policy. */
  readonly policy: SnsTopicPolicy;

  constructor(scope: Construct, id: string, { addresses, names, accountId, alarmEmail }: SharedProps) {
    super(scope, id);
    const address = addresses.alarmTopic;
    this.topic = addBlock(this, SnsTopic, "topic", address, { name: names.alarmTopic });
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
    if (alarmEmail !== undefined) {
      addBlock(this, SnsTopicSubscription, "email", address, {
        topicArn: this.topic.arn,
        protocol: "email",
        endpoint: escapeTerraform(alarmEmail),
      });
    }
  }
}
