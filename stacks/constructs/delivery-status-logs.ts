import type { SnsTopicConfig } from "@cdktf/provider-aws/lib/sns-topic";
import { Construct } from "constructs";
import { addLogGroup } from "./log-group";
import { addServiceRole, type RoleProps } from "./service-role";
import type { SharedProps } from "./shared-props";

type LogProps = "region" | "deliveryStatusSampleRatePercent" | "logRetentionDays" | "logsKmsKeyArn";

export interface DeliveryStatusLogsProps extends RoleProps, Pick<SharedProps, LogProps> {
  /** Terraform names of the log group for successful deliveries, the one for failed ones, and SNS's role. */
  readonly address: string;
  readonly failureAddress: string;
  readonly roleAddress: string;
  readonly topicName: string;
  readonly roleName: string;
}

/**
 * Lets SNS log the outcome of each delivery to a queue or a stream. SNS determines the names of the two log groups, and
 * would create them with unlimited retention.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/topics-attrib.html
 */
export class DeliveryStatusLogs extends Construct {
  /** Configuration that the topic needs. */
  readonly topicConfig: Partial<SnsTopicConfig>;

  constructor(scope: Construct, id: string, props: DeliveryStatusLogsProps) {
    super(scope, id);
    const { topicName, region, accountId, deliveryStatusSampleRatePercent } = props;
    const name = `sns/${region}/${accountId}/${topicName}`;
    const groups = [
      addLogGroup(this, "logs", props, { address: props.address, name }),
      addLogGroup(this, "failure-logs", props, { address: props.failureAddress, name: `${name}/Failure` }),
    ];
    const { role, policy } = addServiceRole(this, props, {
      address: props.roleAddress,
      name: props.roleName,
      service: "sns.amazonaws.com",
      policyName: "log-deliveries",
      statements: [
        {
          Sid: "LogDeliveries",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: groups.map(({ arn }) => `${arn}:log-stream:*`),
        },
      ],
    });
    this.topicConfig = {
      sqsSuccessFeedbackRoleArn: role.arn,
      sqsSuccessFeedbackSampleRate: deliveryStatusSampleRatePercent,
      sqsFailureFeedbackRoleArn: role.arn,
      firehoseSuccessFeedbackRoleArn: role.arn,
      firehoseSuccessFeedbackSampleRate: deliveryStatusSampleRatePercent,
      firehoseFailureFeedbackRoleArn: role.arn,
      // SNS uses the role from the first delivery on.
      dependsOn: [policy],
    };
  }
}
