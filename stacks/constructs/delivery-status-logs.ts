import type { SnsTopicConfig } from "@cdktf/provider-aws/lib/sns-topic";
import { Construct } from "constructs";
import { allow } from "../policy-document";
import { addLogGroup } from "./log-group";
import { addServiceRole } from "./service-role";
import type { SharedProps } from "./shared-props";

/**
 * Lets SNS log the outcome of each delivery to a queue or stream. The two log groups have the names that SNS expects:
 * SNS would create missing ones with unlimited retention.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/topics-attrib.html
 */
export class DeliveryStatusLogs extends Construct {
  /** Topic arguments that turn on delivery status logging. */
  readonly topicConfig: Partial<SnsTopicConfig>;

  constructor(scope: Construct, id: string, props: SharedProps) {
    super(scope, id);
    const { names, addresses, region, accountId, deliveryStatusSampleRatePercent } = props;
    const name = `sns/${region}/${accountId}/${names.topic}`;
    const groups = [
      addLogGroup(this, "logs", props, { address: addresses.deliveryLogs, name }),
      addLogGroup(this, "failure-logs", props, { address: addresses.failedDeliveryLogs, name: `${name}/Failure` }),
    ];
    const { role, policy } = addServiceRole(this, props, {
      address: addresses.deliveryLogsRole,
      name: names.deliveryStatusRole,
      service: "sns.amazonaws.com",
      policyName: "log-deliveries",
      statements: [
        allow(
          "LogDeliveries",
          ["logs:CreateLogStream", "logs:PutLogEvents"],
          groups.map(({ arn }) => `${arn}:log-stream:*`),
        ),
      ],
    });
    this.topicConfig = {
      sqsSuccessFeedbackRoleArn: role.arn,
      sqsSuccessFeedbackSampleRate: deliveryStatusSampleRatePercent,
      sqsFailureFeedbackRoleArn: role.arn,
      firehoseSuccessFeedbackRoleArn: role.arn,
      firehoseSuccessFeedbackSampleRate: deliveryStatusSampleRatePercent,
      firehoseFailureFeedbackRoleArn: role.arn,
      // The role needs its policy before the first delivery.
      dependsOn: [policy],
    };
  }
}
