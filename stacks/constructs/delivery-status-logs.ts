import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { SnsTopicConfig } from "@cdktf/provider-aws/lib/sns-topic";
import { Construct } from "constructs";
import { policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import { type RoleProps, roleConfig } from "./role-config";

export interface DeliveryStatusLogsProps extends RoleProps {
  /** Terraform's names of the log groups of successes and failures, and of the role that SNS writes with. */
  readonly address: string;
  readonly failureAddress: string;
  readonly roleAddress: string;
  readonly topicName: string;
  readonly roleName: string;
  readonly region: string;
  /** Percent of the deliveries without a fault that SNS logs; it logs every other one. */
  readonly deliveryStatusSampleRatePercent: number;
  readonly logRetentionDays: number;
  /** Key of the log groups; undefined for CloudWatch's own. */
  readonly logsKmsKeyArn?: string | undefined;
}

/**
 * Lets SNS log what became of each delivery to a queue or a stream. SNS names the two log groups itself, and would make
 * them without an end to their retention.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/topics-attrib.html
 */
export class DeliveryStatusLogs extends Construct {
  /** What the topic is to be configured with. */
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
