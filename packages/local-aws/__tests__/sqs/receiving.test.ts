import { DeleteMessageCommand, SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { counts, createQueue, receive } from "@event-pipeline/testing/queues";
import { SteppedClock } from "../../clock";
import { type StartedSqs, startSqs } from "./start-sqs";

const clock = new SteppedClock();
let started: StartedSqs;
let sqs: SQSClient;

beforeAll(async () => {
  started = await startSqs({ clock });
  sqs = started.clients.json;
});

afterAll(() => started.stop());

test("a receive with a visibility timeout of 0 increases the receive count but does not hide the message", async () => {
  const { url } = await createQueue(sqs, "looked-at");
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "still here" }));
  for (const look of [1, 2, 3]) {
    const [message] = await receive(sqs, url, { VisibilityTimeout: 0 });
    expect(message).toMatchObject({ Body: "still here", Attributes: { ApproximateReceiveCount: String(look) } });
    expect(await counts(sqs, url)).toEqual([1, 0, 0]);
  }
});

test("deletes a message only with its last receipt handle", async () => {
  const { url } = await createQueue(sqs, "deleted-from");
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "done with" }));
  const look = async () => (await receive(sqs, url, { VisibilityTimeout: 0 }))[0]?.ReceiptHandle;
  const [former, last] = [await look(), await look()];
  const remaining = async (ReceiptHandle: string | undefined) => {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    return counts(sqs, url);
  };
  expect(await counts(sqs, url)).toEqual([1, 0, 0]);
  expect(await remaining(former)).toEqual([1, 0, 0]);
  expect(await remaining(last)).toEqual([0, 0, 0]);
});

test("counts messages as visible after their visibility timeout or delay, even without a receive", async () => {
  const { url } = await createQueue(sqs, "timed", { VisibilityTimeout: "1" });
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "received" }));
  await receive(sqs, url);
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "delayed", DelaySeconds: 1 }));
  expect(await counts(sqs, url)).toEqual([0, 1, 1]);
  await clock.advance(1_000);
  expect(await counts(sqs, url)).toEqual([2, 0, 0]);
});

describe("message size limit", () => {
  const MIB = 1_048_576;
  const attribute = (bytes: number) => ({
    // The name and type add 4 + 6 bytes.
    MessageAttributes: { note: { DataType: "String", StringValue: "x".repeat(bytes - 10) } },
  });

  test.each([
    ["default limit", {}, MIB],
    ["own limit", { MaximumMessageSize: "2048" }, 2_048],
  ])("%s applies to bodies and attributes together", async (title, config, limit) => {
    const { url: QueueUrl } = await createQueue(sqs, `large-${title.replaceAll(" ", "-")}`, config);
    const MessageBody = "x".repeat(limit - 100);
    const send = (bytes: number) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...attribute(bytes) }));
    await send(100);
    await expect(send(101)).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    });

    const batch = async (sizes: readonly number[]) =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: sizes.map((size, index) => ({ Id: String(index), MessageBody: "x".repeat(size) })),
        }),
      );
    const mixed = await batch([limit / 2, Math.min(limit + 1, MIB / 2)]);
    if (limit < MIB)
      expect(mixed.Failed).toMatchObject([{ Id: "1", Code: "InvalidParameterValue", SenderFault: true }]);
    else expect(mixed.Successful).toHaveLength(2);
    await expect(batch([MIB / 2, MIB / 2 + 1])).rejects.toMatchObject({ name: "BatchRequestTooLong" });
    expect((await counts(sqs, QueueUrl))[0]).toBe(limit < MIB ? 2 : 3);
  });
});
