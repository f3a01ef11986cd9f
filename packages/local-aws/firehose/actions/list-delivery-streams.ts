import type { ListDeliveryStreamsInput, ListDeliveryStreamsOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import { validationError } from "../errors";
import type { Firehose } from "../firehose";

const MAX_NAMES = 10_000;

export const ListDeliveryStreams: Action<ListDeliveryStreamsInput, ListDeliveryStreamsOutput, Firehose> = {
  handles: ["Limit", "DeliveryStreamType", "ExclusiveStartDeliveryStreamName"],
  run({ Limit = 10, DeliveryStreamType: type = "DirectPut", ExclusiveStartDeliveryStreamName: start = "" }, firehose) {
    if (Limit < 1 || Limit > MAX_NAMES) throw validationError(`Invalid Limit ${Limit}: expected 1 to ${MAX_NAMES}.`);
    const names = type === "DirectPut" ? firehose.names.filter((name) => name > start) : [];
    return { DeliveryStreamNames: names.slice(0, Limit), HasMoreDeliveryStreams: names.length > Limit };
  },
};
