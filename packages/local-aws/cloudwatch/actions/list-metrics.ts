import type { ListMetricsInput, ListMetricsOutput } from "@aws-sdk/client-cloudwatch";
import type { Action } from "../../gateway/service";
import { pageOf } from "../../page";
import type { CloudWatch } from "../cloudwatch";

const PAGE_SIZE = 500;

export const ListMetrics: Action<ListMetricsInput, ListMetricsOutput, CloudWatch> = {
  handles: ["Namespace", "MetricName", "Dimensions.Name", "Dimensions.Value", "NextToken"],
  differs: "lists the last 1,000 metrics",
  run({ Namespace, MetricName, Dimensions: wanted = [], NextToken }, cloudwatch) {
    const found = cloudwatch
      .all()
      .filter(
        ({ id: { namespace, name, dimensions } }) =>
          (Namespace === undefined || namespace === Namespace) &&
          (MetricName === undefined || name === MetricName) &&
          wanted.every(({ Name = "", Value }) =>
            Value === undefined ? Object.hasOwn(dimensions, Name) : dimensions[Name] === Value,
          ),
      );
    const { page, next } = pageOf(found, NextToken, PAGE_SIZE);
    return {
      Metrics: page.map(({ id: { namespace, name, dimensions } }) => ({
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
      NextToken: next,
    };
  },
};
