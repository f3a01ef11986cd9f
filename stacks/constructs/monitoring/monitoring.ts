import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { pipelineNames } from "@event-pipeline/event-model/resource-names";
import type { FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { alarmAddress, pipelineAddresses } from "../../addresses";
import type { ConsumerIdentity } from "../../consumer-identity";
import type { ConsumerOptions } from "../../options/consumer";
import { pinned } from "../../terraform-address";
import type { AlarmDefinition } from "./alarm-definition";
import { AlarmTopic } from "./alarm-topic";
import { consumerAlarms, durationAlarm } from "./consumer-alarms";
import { dashboardBody } from "./dashboard-body";
import { type AlarmOptions, filterAlarm, pipelineAlarms } from "./pipeline-alarms";

/** Seconds. The shortest that the metrics of these services come in. */
const PERIOD_SECONDS = 60;

export interface MonitoringProps extends AlarmOptions {
  /** What comes before Terraform's names of alarms, dashboard and topic. */
  readonly addressPrefix: string;
  readonly names: ReturnType<typeof pipelineNames>;
  readonly region: string;
  readonly accountId: string;
  /** Name of the function that writes to the table. */
  readonly writer: string;
  /** An existing topic for alarms; undefined to make one. */
  readonly alarmTopicArn?: string | undefined;
  /** Address that the topic which is made tells. */
  readonly alarmEmail?: string | undefined;
  /** Whether an alarm also tells when it is over. */
  readonly okActions: boolean;
}

/** Alarms and a dashboard for the pipeline and for each of its consumers. */
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
    const { addressPrefix, names, region, accountId, writer, alarmEmail, eventIdIndex } = props;
    const addresses = pipelineAddresses(addressPrefix);
    const { alarmTopicArn } = props;
    if (alarmTopicArn === undefined) {
      this.alarmTopic = new AlarmTopic(this, "alarm-topic", {
        address: addresses.alarmTopic,
        topicName: names.alarmTopic,
        accountId,
        email: alarmEmail,
      });
      this.alarmTopicArn = this.alarmTopic.topic.arn;
    } else {
      this.alarmTopicArn = alarmTopicArn;
    }
    this.addAlarms(pipelineAlarms(names, writer, props));
    pinned(
      new CloudwatchDashboard(this, "dashboard", {
        dashboardName: names.dashboard,
        // Consumers may be added after this.
        dashboardBody: Lazy.stringValue({
          produce: () =>
            JSON.stringify(dashboardBody({ region, names, consumers: this.consumers, writer, eventIdIndex })),
        }),
      }),
      addresses.dashboard,
    );
  }

  /**
   * @param options - Of the consumer.
   * @param filterScope - Of the filter policy of the consumer's subscription, if it has one.
   */
  watch(consumer: ConsumerIdentity, options: ConsumerOptions, filterScope: FilterPolicyScope | undefined): void {
    const { names, writer } = this.props;
    this.consumers.push(consumer);
    this.addAlarms(consumerAlarms(names, consumer, options));
    if (consumer.functionName !== writer) this.addAlarms([durationAlarm(names, consumer, options)]);
    // SNS counts for the topic, so the alarm is one for all filters of a scope.
    if (filterScope === undefined || this.filterScopes.has(filterScope)) return;
    this.filterScopes.add(filterScope);
    this.addAlarms([filterAlarm(names, filterScope)]);
  }

  private addAlarms(definitions: readonly AlarmDefinition[]): void {
    for (const { id, metric, comparison, threshold, description } of definitions) {
      pinned(
        new CloudwatchMetricAlarm(this, id, {
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
        }),
        alarmAddress(this.props.addressPrefix, id),
      );
    }
  }
}
