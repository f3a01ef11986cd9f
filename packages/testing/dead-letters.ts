import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from "@aws-sdk/client-sqs";
import { envelopeOf } from "./sqs-records";

/** Sends messages to a queue, ten per request. */
export async function sendAll(
  sqs: SQSClient,
  QueueUrl: string,
  entries: readonly Omit<SendMessageBatchRequestEntry, "Id">[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += 10) {
    const Entries = entries.slice(start, start + 10).map((entry, index) => ({ Id: String(index), ...entry }));
    const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    if (Failed?.length) throw new Error(JSON.stringify(Failed));
  }
}

/** Returns a dead letter as the handler sends it, whose event can be stored when it is redriven. */
export function redrivableMessage(id: string, code = "REFUSED_BY_DYNAMODB"): Omit<SendMessageBatchRequestEntry, "Id"> {
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  return {
    MessageBody: envelopeOf(JSON.stringify({ type: "redrivable", id, text: "ünïcödé 😀" }), {
      Timestamp: new Date().toISOString(),
    }),
    MessageAttributes: {
      error_code: text(code),
      error_message: text("The item was too large."),
      original_message_id: text(`was-${id}`),
      own: { DataType: "Number.int", StringValue: "7" },
    },
  };
}
