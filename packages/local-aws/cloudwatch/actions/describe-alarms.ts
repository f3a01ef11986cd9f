import type { DescribeAlarmsInput, DescribeAlarmsOutput } from "@aws-sdk/client-cloudwatch";
import type { Action } from "../../gateway/service";
import type { CloudWatch } from "../cloudwatch";

export const DescribeAlarms: Action<DescribeAlarmsInput, DescribeAlarmsOutput, CloudWatch> = {
  handles: [
    "ActionPrefix",
    "AlarmNamePrefix",
    "AlarmNames",
    "AlarmTypes",
    "ChildrenOfAlarmName",
    "MaxRecords",
    "NextToken",
    "ParentsOfAlarmName",
    "StateValue",
  ],
  differs: "returns no alarms, because the local run has none",
  run: () => ({ MetricAlarms: [], CompositeAlarms: [] }),
};
