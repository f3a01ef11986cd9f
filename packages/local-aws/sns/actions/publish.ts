import type { PublishInput, PublishResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { invalidParameter } from "../errors";
import { MESSAGE_MEMBERS, SnsMessage, traceHeaderOf } from "../message";
import type { Sns } from "../sns";

export const Publish: Action<PublishInput, PublishResponse, Sns> = {
  handles: ["TopicArn", "TargetArn", ...MESSAGE_MEMBERS],
  differs:
    "publishes to topics only; the signature is a placeholder; raw delivery fails for characters that SQS does not allow",
  run(input, sns, { request }) {
    const { TopicArn, TargetArn } = input;
    if ((TopicArn === undefined) === (TargetArn === undefined)) {
      throw invalidParameter("TopicArn or TargetArn Reason: expected one of them, not both or none");
    }
    const topic = sns.topic(TopicArn ?? TargetArn, TopicArn === undefined ? "TargetArn" : "TopicArn");
    const message = new SnsMessage(input);
    if (message.bytes > topic.maxMessageBytes) {
      throw invalidParameter(
        `Message too long: ${message.bytes} bytes including attributes exceed the limit of ${topic.maxMessageBytes}`,
      );
    }
    sns.delivery.deliver(topic, message, traceHeaderOf(request));
    return { MessageId: message.id };
  },
};
