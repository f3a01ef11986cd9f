import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { Action } from "../../gateway/service";
import type { Logs } from "../logs";

/** Log groups cannot have tags here. */
export const ListTagsForResource: Action<ListTagsForResourceRequest, ListTagsForResourceResponse, Logs> = {
  handles: ["resourceArn"],
  run({ resourceArn }, logs) {
    logs.find({ logGroupIdentifier: resourceArn });
    return { tags: {} };
  },
};
