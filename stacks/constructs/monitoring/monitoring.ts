import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import type { ConsumerIdentity } from "../../addresses";
import type { ConsumerOptions } from "../../options/consumer";
import { addBlock } from "../../terraform";
import type { SharedProps } from "../shared-props";
import { AlarmTopic } from "./alarm-topic";
import { type AlarmDefinition, consumerAlarms, filterAlarm, pipelineAlarms } from "./alarms";
import { dashboardBody } from "./dashboard-body";

/** AWS publishes these metrics once a minute. */
const PERIOD_SECONDS = 60;

/** Alarms and a dashboard for the pipeline and each of its consumers. */
export class Monitoring extends Construct {
  private readonly consumers: ConsumerIdentity[] = [];
  private readonly filterScopes = new Set<FilterPolicyScope>();
  private readonly alarmTopic: AlarmTopic | undefined;
  private readonly alarmTopicArn: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SharedProps,
  ) {
    super(scope, id);
    const { addresses, names, alarmTopicArn } = props;
    if (alarmTopicArn === undefined) {
      this.alarmTopic = new AlarmTopic(this, "alarm-topic", props);
    }
    this.alarmTopicArn = alarmTopicArn ?? String(this.alarmTopic?.topic.arn);
    this.addAlarms(pipelineAlarms(props));
    addBlock(this, CloudwatchDashboard, "dashboard", addresses.dashboard, {
      dashboardName: names.dashboard,
      // Lazy, because consumers may be added later.
      dashboardBody: Lazy.stringValue({ produce: () => JSON.stringify(dashboardBody(props, this.consumers)) }),
    });
  }

  /** Adds a consumer's alarms and its row on the dashboard. */
  watch(consumer: ConsumerIdentity, options: ConsumerOptions): void {
    const { filterPolicy, filterPolicyScope } = options;
    this.consumers.push(consumer);
    this.addAlarms(consumerAlarms(this.props, consumer, options));
    // SNS counts dropped events for the whole topic, so all filter policies with the same scope share an alarm.
    if (filterPolicy === undefined || this.filterScopes.has(filterPolicyScope)) return;
    this.filterScopes.add(filterPolicyScope);
    this.addAlarms([filterAlarm(this.props, filterPolicyScope)]);
  }

  private addAlarms(definitions: readonly AlarmDefinition[]): void {
    for (const { id, metric, threshold, description } of definitions) {
      addBlock(this, CloudwatchMetricAlarm, id, this.props.addressPrefix + id.replaceAll("-", "_"), {
        alarmName: `${this.props.names.alarmPrefix}-${id}`,
        alarmDescription: description,
        namespace: metric.namespace,
        metricName: metric.name,
        dimensions: { ...metric.dimensions },
        statistic: metric.statistic,
        period: PERIOD_SECONDS,
        evaluationPeriods: 1,
        ...("above" in threshold
          ? { comparisonOperator: "GreaterThanThreshold", threshold: threshold.above }
          : { comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: threshold.atLeast }),
        treatMissingData: "notBreaching",
        alarmActions: [this.alarmTopicArn],
        ...(this.props.okActions && { okActions: [this.alarmTopicArn] }),
        ...(this.alarmTopic && { dependsOn: [this.alarmTopic.policy] }),
      });
    }
  }
}
