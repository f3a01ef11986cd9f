import type { DescribeTimeToLiveInput, DescribeTimeToLiveOutput } from "@aws-sdk/client-dynamodb";
import type { Action } from "../../gateway/service";
import type { Dynamodb } from "../dynamodb";
import { validateRequest } from "../request-rules";

export const DescribeTimeToLive: Action<DescribeTimeToLiveInput, DescribeTimeToLiveOutput, Dynamodb> = {
  handles: ["TableName"],
  async run(request, dynamodb) {
    validateRequest(request, { TableName: "String" });
    const output = await dynamodb.run("DescribeTimeToLive", request);
    const AttributeName = dynamodb.timeToLive.attributeOf(String(request.TableName));
    if (AttributeName === undefined) return output;
    return { TimeToLiveDescription: { AttributeName, TimeToLiveStatus: "ENABLED" } };
  },
};
