import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { type ConsumerIdentity, pipelineAddresses } from "../../addresses";
import type { ConsumerOptions } from "../../options/consumer";
import { addBlock } from "../../terraform";
import type { PipelineNames, SharedProps } from "../shared-props";
import { AlarmTopic } from "./alarm-topic";
import { type AlarmDefinition, type AlarmOptions, consumerAlarms, filterAlarm, pipelineAlarms } from "./alarms";
import { dashboardBody } from "./dashboard-body";

/** The shortest period of these services' metrics. */
const PERIOD_SECONDS = 60;

type TopicOptions = "region" | "accountId" | "alarmTopicArn" | "alarmEmail" | "okActions";

export interface MonitoringProps extends AlarmOptions, Pick<SharedProps, TopicOptions> {
  /** Prefix of the Terraform names of the alarms, the dashboard and the topic. */
  readonly addressPrefix: string;
  readonly names: PipelineNames;
  /** Name of the event processor's function. */
  readonly processorName: string;
}

/** Alarms and a dashboard for the pipeline and each of its consumers. */
export class Monitoring extends Construct {
  private readonly consumers: ConsumerIdentity[] = [];
  private readonly filterScopes = new Set<FilterPolicyScope>();
  private readonly alarmTopic: AlarmTopic | undefined;
  private readonly alarmTopicArn: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MonitoringProps,
  ) {
    super(scope, id);
    const { addressPrefix, names, accountId, processorName, alarmEmail, alarmTopicArn } = props;
    const addresses = pipelineAddresses(addressPrefix);
    if (alarmTopicArn === undefined) {
      this.alarmTopic = new AlarmTopic(this, "alarm-topic", {
        address: addresses.alarmTopic,
        topicName: names.alarmTopic,
        accountId,
        email: alarmEmail,
      });
    }
    this.alarmTopicArn = alarmTopicArn ?? String(this.alarmTopic?.topic.arn);
    this.addAlarms(pipelineAlarms(names, processorName, props));
    addBlock(this, CloudwatchDashboard, "dashboard", addresses.dashboard, {
      dashboardName: names.dashboard,
      // Lazy, because consumers may be added later.
      dashboardBody: Lazy.stringValue({
        produce: () => JSON.stringify(dashboardBody({ ...props, consumers: this.consumers })),
      }),
    });
  }

  /** Adds the alarms of a consumer, and the consumer to the dashboard. */
  watch(consumer: ConsumerIdentity, options: ConsumerOptions): void {
    const { names } = this.props;
    const { filterPolicy, filterPolicyScope } = options;
    this.consumers.push(consumer);
    this.addAlarms(consumerAlarms(names, consumer, options));
    // SNS counts dropped events by topic, so all filter policies of a scope share an alarm.
    if (filterPolicy === undefined || this.filterScopes.has(filterPolicyScope)) return;
    this.filterScopes.add(filterPolicyScope);
    this.addAlarms([filterAlarm(names, filterPolicyScope)]);
  }

  private addAlarms(definitions: readonly AlarmDefinition[]): void {
    for (const { id, metric, comparison, threshold, description } of definitions) {
      addBlock(this, CloudwatchMetricAlarm, id, this.props.addressPrefix + id.replaceAll("-", "_"), {
        alarmName: `${this.props.names.alarmPrefix}-${id}`,
        alarmDescription: description,
        namespace: metric.namespace,
        metricName: metric.name,
        dimensions: { ...metric.dimensions },
        statistic: metric.statistic,
        period: PERIOD_SECONDS,
        evaluationPeriods: 1,
        comparisonOperator: comparison,
        threshold,
        treatMissingData: "notBreaching",
        alarmActions: [this.alarmTopicArn],
        ...(this.props.okActions && { okActions: [this.alarmTopicArn] }),
        ...(this.alarmTopic && { dependsOn: [this.alarmTopic.policy] }),
      });
    }
  }
}
