import type { DescribeTimeToLiveInput, DescribeTimeToLiveOutput } from "@aws-sdk/client-dynamodb";
import type { Action } from "../../gateway/service";
import type { Dynamodb } from "../dynamodb";

export const DescribeTimeToLive: Action<DescribeTimeToLiveInput, DescribeTimeToLiveOutput, Dynamodb> = {
  handles: ["TableName"],
  async run(request, dynamodb) {
    const output = await dynamodb.run("DescribeTimeToLive", request);
    const AttributeName = dynamodb.timeToLive.attributeOf(String(request.TableName));
    if (AttributeName === undefined) return output;
    return { TimeToLiveDescription: { AttributeName, TimeToLiveStatus: "ENABLED" } };
  },
};
