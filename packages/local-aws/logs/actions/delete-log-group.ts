import type { DeleteLogGroupRequest } from "@aws-sdk/client-cloudwatch-logs";
import type { Action } from "../../gateway/service";
import type { Logs } from "../logs";

export const DeleteLogGroup: Action<DeleteLogGroupRequest, object, Logs> = {
  handles: ["logGroupName"],
  run({ logGroupName }, logs) {
    logs.delete(logs.find({ logGroupName }));
    return {};
  },
};
