import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import type { Sns } from "../sns";
import { taggedTopic } from "../tags";

export const ListTagsForResource: Action<ListTagsForResourceRequest, ListTagsForResourceResponse, Sns> = {
  handles: ["ResourceArn"],
  run: ({ ResourceArn }, sns) => ({ Tags: [...taggedTopic(sns, ResourceArn).stored.tags] }),
};
