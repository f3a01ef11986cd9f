import type { ListTagsForDeliveryStreamInput, ListTagsForDeliveryStreamOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import type { Firehose } from "../firehose";

export const ListTagsForDeliveryStream: Action<
  ListTagsForDeliveryStreamInput,
  ListTagsForDeliveryStreamOutput,
  Firehose
> = {
  handles: ["DeliveryStreamName", "ExclusiveStartTagKey", "Limit"],
  run({ DeliveryStreamName, ExclusiveStartTagKey: start = "", Limit = 50 }, firehose) {
    const { tags } = firehose.stream(DeliveryStreamName).stored;
    const rest = tags.filter(({ Key = "" }) => Key > start).sort((a, b) => (String(a.Key) < String(b.Key) ? -1 : 1));
    return { Tags: rest.slice(0, Limit), HasMoreTags: rest.length > Limit };
  },
};
