import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { SnsTopicConfig } from "@cdktf/provider-aws/lib/sns-topic";
import { Construct } from "constructs";
import { policyDocument } from "../policy-document";
import { pinned } from "../terraform";
import { type RoleProps, roleConfig } from "./role-config";
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
    const { topicName, region, accountId, deliveryStatusSampleRatePercent, logsKmsKeyArn } = props;
    const name = `sns/${region}/${accountId}/${topicName}`;
    const groups = [
      { id: "logs", address: props.address, name },
      { id: "failure-logs", address: props.failureAddress, name: `${name}/Failure` },
    ].map(({ id: groupId, address, name: groupName }) =>
      pinned(
        new CloudwatchLogGroup(this, groupId, {
          name: groupName,
          retentionInDays: props.logRetentionDays,
          ...(logsKmsKeyArn !== undefined && { kmsKeyId: logsKmsKeyArn }),
        }),
        address,
      ),
    );
    const role = pinned(
      new IamRole(this, "role", roleConfig(props.roleName, "sns.amazonaws.com", props)),
      props.roleAddress,
    );
    const policy = pinned(
      new IamRolePolicy(this, "policy", {
        name: "log-deliveries",
        role: role.id,
        policy: policyDocument({
          Sid: "LogDeliveries",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: groups.map(({ arn }) => `${arn}:log-stream:*`),
        }),
      }),
      props.roleAddress,
    );
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
