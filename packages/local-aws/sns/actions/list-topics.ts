import type { ListTopicsInput, ListTopicsResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { pageOf } from "../page";
import type { Sns } from "../sns";

export const ListTopics: Action<ListTopicsInput, ListTopicsResponse, Sns> = {
  handles: ["NextToken"],
  run({ NextToken }, sns) {
    const { page, ...next } = pageOf(sns.topics, NextToken);
    return { Topics: page.map(({ arn }) => ({ TopicArn: arn })), ...next };
  },
};
