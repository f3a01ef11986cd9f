import { JsonService } from "../json-service";
import { FIREHOSE } from "../served/firehose";
import { listDeliveryStreams, putRecord, putRecordBatch } from "./firehose-actions";
import type { Intakes } from "./intakes";

/** A batch may have 4 MiB, a third more in Base64. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** What of Firehose puts records into a stream, which is how the archive gets back what SNS could not deliver to it. */
export function firehoseService(intakes: Intakes): JsonService {
  return new JsonService({
    serves: FIREHOSE,
    maxBodyBytes: MAX_BODY_BYTES,
    actions: {
      ListDeliveryStreams: () => listDeliveryStreams(intakes),
      PutRecord: (body) => putRecord(body, intakes),
      PutRecordBatch: (body) => putRecordBatch(body, intakes),
    },
  });
}
