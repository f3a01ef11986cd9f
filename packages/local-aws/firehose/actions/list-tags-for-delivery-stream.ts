import type { ListTagsForDeliveryStreamInput, ListTagsForDeliveryStreamOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import { validationError } from "../errors";
import type { Firehose } from "../firehose";

const MAX_TAGS = 50;

export const ListTagsForDeliveryStream: Action<
  ListTagsForDeliveryStreamInput,
  ListTagsForDeliveryStreamOutput,
  Firehose
> = {
  handles: ["DeliveryStreamName", "ExclusiveStartTagKey", "Limit"],
  run({ DeliveryStreamName, ExclusiveStartTagKey: start = "", Limit = MAX_TAGS }, firehose) {
    if (Limit < 1 || Limit > MAX_TAGS) throw validationError(`Invalid Limit ${Limit}: expected 1 to ${MAX_TAGS}.`);
    const { tags } = firehose.stream(DeliveryStreamName).stored;
    const rest = tags.filter(({ Key = "" }) => Key > start).sort((a, b) => (String(a.Key) < String(b.Key) ? -1 : 1));
    return { Tags: rest.slice(0, Limit), HasMoreTags: rest.length > Limit };
  },
};
