import type { CreateLogGroupRequest } from "@aws-sdk/client-cloudwatch-logs";
import type { Action } from "../../gateway/service";
import type { Logs } from "../logs";

export const CreateLogGroup: Action<CreateLogGroupRequest, object, Logs> = {
  handles: ["logGroupName"],
  differs: "creates a log group that only functions can write to, and that the data folder does not keep",
  run({ logGroupName = "" }, logs) {
    logs.create(logGroupName);
    return {};
  },
};
