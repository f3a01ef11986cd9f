import type { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { RefusedMessageError } from "../../../../lambda-src/consumer/refused-message-error";
import { Deadline } from "../../../../lambda-src/event-processor/deadline";
import { letterBytes } from "../../../../lambda-src/event-processor/refuse/dead-letter";
import { DeadLetterQueue } from "../../../../lambda-src/event-processor/refuse/dead-letter-queue";
import { recordOf } from "../../../helpers/sqs-records";

const MIB = 1_024 * 1_024;
const lettersOf = (bodies: readonly string[]) =>
  bodies.map((body) => ({ record: recordOf(body), error: new RefusedMessageError("NOT_JSON", "not JSON") }));

/** A queue that refuses, as SQS does, what is too much for a request. */
function queueOf(requests: number[]): DeadLetterQueue {
  const send = async ({ input: { Entries = [] } }: SendMessageBatchCommand) => {
    const bytes = Entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody ?? ""), 0);
    if (Entries.length > 10 || bytes > MIB) throw Object.assign(new Error("too long"), { name: "BatchRequestTooLong" });
    requests.push(Entries.length);
    return { Successful: Entries.map(({ Id }) => ({ Id })) };
  };
  return new DeadLetterQueue("https://sqs/dlq", { send } as unknown as SQSClient);
}

describe("DeadLetterQueue", () => {
  it("sends nothing for no letters", async () => {
    const requests: number[] = [];
    expect((await queueOf(requests).send([], Deadline.in(1_000))).size).toBe(0);
    expect(requests).toEqual([]);
  });

  it("sends ten at a time", async () => {
    const requests: number[] = [];
    const letters = lettersOf(Array<string>(23).fill("body"));
    expect((await queueOf(requests).send(letters, Deadline.in(1_000))).size).toBe(0);
    expect(requests).toEqual([10, 10, 3]);
  });

  it("sends one MiB at a time, attributes included", async () => {
    const requests: number[] = [];
    const [empty] = lettersOf([""]);
    const half = "x".repeat(MIB / 2 - (empty ? letterBytes(empty) : 0) - 10);
    const letters = lettersOf([half, half, `${half}${"x".repeat(1_000)}`, half]);
    expect((await queueOf(requests).send(letters, Deadline.in(1_000))).size).toBe(0);
    expect(requests).toEqual([2, 1, 1]);
  });

  it("says of one that is too long by itself why it was not sent, and sends the others", async () => {
    const requests: number[] = [];
    const letters = lettersOf(["a", "x".repeat(MIB + 1), "b"]);
    const errors = await queueOf(requests).send(letters, Deadline.in(1_000));
    expect([...errors.keys()]).toEqual([letters[1]]);
    expect([...errors.values()][0]?.message).toBe(
      "SQS did not take the dead letter: BatchRequestTooLong: too long. The message was refused with NOT_JSON: not JSON",
    );
  });
});
