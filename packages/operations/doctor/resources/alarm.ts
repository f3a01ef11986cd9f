import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { NotDeployedError } from "../../errors";
import type { ResourceCheck } from "../resource-check";

export const alarm: ResourceCheck = {
  name: ({ alarm_name: name }) => String(name),
  settings: async ({ alarm_name: name, threshold, metric_name: metric }, pipeline) => {
    const command = new DescribeAlarmsCommand({ AlarmNames: [String(name)] });
    const { MetricAlarms: [found] = [] } = await pipeline.client(CloudWatchClient).send(command);
    if (!found) throw new NotDeployedError("The alarm does not exist, so nobody is notified.");
    return [
      { name: "MetricName", expected: metric, actual: found.MetricName },
      { name: "Threshold", expected: threshold, actual: found.Threshold },
      {
        name: "ActionsEnabled",
        expected: true,
        actual: found.ActionsEnabled,
        fix: `aws cloudwatch enable-alarm-actions --alarm-names ${name}. Without it, the alarm notifies nobody.`,
      },
    ];
  },
};
