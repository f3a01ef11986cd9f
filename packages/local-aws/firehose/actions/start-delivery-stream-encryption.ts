import type { StartDeliveryStreamEncryptionInput, StartDeliveryStreamEncryptionOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import type { Firehose } from "../firehose";

const CONFIGURATION = "DeliveryStreamEncryptionConfigurationInput";

export const StartDeliveryStreamEncryption: Action<
  StartDeliveryStreamEncryptionInput,
  StartDeliveryStreamEncryptionOutput,
  Firehose
> = {
  handles: ["DeliveryStreamName", `${CONFIGURATION}.KeyType`, `${CONFIGURATION}.KeyARN`],
  differs: "enables the encryption at once, without real encryption",
  run({ DeliveryStreamName, [CONFIGURATION]: configuration }, firehose) {
    const encryption = configuration ?? { KeyType: "AWS_OWNED_CMK" };
    firehose.save({ ...firehose.stream(DeliveryStreamName).stored, encryption });
    return {};
  },
};
