import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { judge, judgeKey, onBehalfOf } from "./access";
import {
  type Check,
  differences,
  type Examination,
  type Finding,
  missing,
  type PlannedHop,
  resourcesOf,
  wrong,
} from "./hop";
import { nameIn, type Resource } from "./stack";

/** Returns the hops from the alarms to their topic. Without a synthesized stack, the deployed alarms are expected. */
export function alarmHops(x: Examination): PlannedHop[] {
  const { deployed, deploy, pipeline, stack } = x;
  const prefix = `${pipeline.names.alarmPrefix}-`;
  const expected = resourcesOf(x, "aws_cloudwatch_metric_alarm").filter(({ config }) =>
    String(config.alarm_name).startsWith(prefix),
  );
  if (expected.length === 0 && stack.folder !== undefined) return [];
  const alarms: Check = async () => {
    const found = await deployed.alarms(prefix);
    const compared = expected.flatMap((alarm) => alarmFindings(alarm, found, deploy));
    const silent = found.filter(
      ({ ActionsEnabled, AlarmActions = [] }) => !ActionsEnabled || AlarmActions.length === 0,
    );
    return [
      ...compared,
      ...silent.map(({ AlarmName, ActionsEnabled }) =>
        ActionsEnabled
          ? wrong(`${AlarmName} has no actions, so it notifies nobody.`, deploy)
          : wrong(
              `The actions of ${AlarmName} are disabled, so it notifies nobody.`,
              `${pipeline.awsCli} cloudwatch enable-alarm-actions --alarm-names ${AlarmName}`,
            ),
      ),
    ];
  };
  const topics = new Set(expected.flatMap(actionsOf).filter((arn) => arn.includes(":sns:")));
  return [
    { hop: "alarms", address: "aws_cloudwatch_metric_alarm", name: `${prefix}*`, checks: [alarms] },
    ...[...topics].map((arn) => alarmTopicHop(x, arn, prefix)),
  ];
}

function actionsOf({ config }: Resource): readonly string[] {
  return (config.alarm_actions as string[] | undefined) ?? [];
}

function alarmFindings(alarm: Resource, deployed: readonly MetricAlarm[], deploy: string): Finding[] {
  const { config } = alarm;
  const name = String(config.alarm_name);
  const found = deployed.find(({ AlarmName }) => AlarmName === name);
  if (!found) return [missing(`The alarm ${name} does not exist.`, deploy)];
  const lost = actionsOf(alarm).filter((arn) => found.AlarmActions?.length && !found.AlarmActions.includes(arn));
  const dimensions = Object.fromEntries((found.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  return [
    ...lost.map((arn) => wrong(`${name} does not notify ${arn}.`, deploy)),
    ...differences(
      {
        [`Namespace of ${name}`]: [config.namespace, found.Namespace],
        [`MetricName of ${name}`]: [config.metric_name, found.MetricName],
        [`Dimensions of ${name}`]: [config.dimensions, dimensions],
        [`Statistic of ${name}`]: [config.statistic, found.Statistic],
        [`ComparisonOperator of ${name}`]: [config.comparison_operator, found.ComparisonOperator],
        [`Threshold of ${name}`]: [config.threshold, found.Threshold],
      },
      deploy,
    ),
  ];
}

function alarmTopicHop(x: Examination, arn: string, prefix: string): PlannedHop {
  const { pipeline, deployed, deploy } = x;
  const topic = resourcesOf(x, "aws_sns_topic").find(({ config }) => config.name === nameIn(arn));
  const emails = resourcesOf(x, "aws_sns_topic_subscription").filter(({ config }) => config.topic_arn === arn);
  const invite = `${pipeline.awsCli} sns subscribe --topic-arn ${arn} --protocol email --notification-endpoint ${emails[0]?.config.endpoint}`;
  const service = "cloudwatch.amazonaws.com";
  const check: Check = async () => {
    const { Policy: policy, KmsMasterKeyId, SubscriptionsConfirmed } = await deployed.topic(arn);
    const caller = { service };
    const context = onBehalfOf(`${arn.replace(":sns:", ":cloudwatch:").replace(/[^:]+$/, "alarm:")}${prefix}any`, x);
    const resource = { arn, policies: policy ? [JSON.parse(policy)] : [] };
    const unconfirmed = emails.length > 0 && SubscriptionsConfirmed === "0";
    return [
      ...judge({ caller, action: "sns:Publish", resource, context }, "CloudWatch", deploy),
      ...(await judgeKey(x, KmsMasterKeyId, {
        caller,
        who: "CloudWatch",
        actions: ["kms:GenerateDataKey", "kms:Decrypt"],
        context,
      })),
      ...(unconfirmed
        ? [
            wrong(
              `Nobody has confirmed a subscription of ${nameIn(arn)}.`,
              `${invite}, then follow the link in the email.`,
            ),
          ]
        : []),
    ];
  };
  return { hop: "alarm topic", address: topic?.address ?? "aws_sns_topic", name: nameIn(arn), checks: [check] };
}
