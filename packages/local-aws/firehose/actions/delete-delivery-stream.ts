import type { DeleteDeliveryStreamInput, DeleteDeliveryStreamOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import type { Firehose } from "../firehose";

export const DeleteDeliveryStream: Action<DeleteDeliveryStreamInput, DeleteDeliveryStreamOutput, Firehose> = {
  handles: ["DeliveryStreamName", "AllowForceDelete"],
  differs: "discards the buffered records at once",
  run({ DeliveryStreamName }, firehose) {
    firehose.deleteStream(DeliveryStreamName);
    return {};
  },
};
