import type { ServedService } from "./served-service";

export const FIREHOSE: ServedService = {
  name: "Firehose",
  signingName: "firehose",
  protocol: "json",
  targetPrefix: "Firehose_20150804",
  actions: {
    ListDeliveryStreams: "",
    PutRecord: "a text in UTF-8, and a line of the archive",
    PutRecordBatch: "as PutRecord",
  },
};
