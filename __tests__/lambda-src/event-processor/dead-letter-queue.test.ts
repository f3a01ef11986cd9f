import type { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { recordOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import {
  entryBytes,
  LeftOut,
  type RefusedMessage,
  toEntry,
} from "../../../lambda-src/event-processor/dead-letter-entry";
import { DeadLetterQueue } from "../../../lambda-src/event-processor/dead-letter-queue";
import { Deadline } from "../../../lambda-src/event-processor/deadline";

const MIB = 1_024 * 1_024;
const attribute = (stringValue: string) => ({ dataType: "String" as const, stringValue });

function letterOf(body: string, messageAttributes = {}): RefusedMessage {
  return {
    record: recordOf(body, { messageAttributes }),
    error: new RefusedMessageError("NOT_JSON", "not JSON. ".repeat(20)),
  };
}

/** A queue that refuses a whole request if one message is too long, as SQS does. */
class StrictQueue {
  readonly requests: number[] = [];
  readonly taken = new Map<string, string[]>();

  constructor(private readonly maxMessageBytes = MIB) {}

  readonly send = async ({ input: { Entries = [] } }: SendMessageBatchCommand) => {
    const sizes = Entries.map((entry) => entryBytes(entry));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (Entries.length > 10 || bytes > MIB || sizes.some((size) => size > this.maxMessageBytes)) {
      throw Object.assign(new Error("too long"), { name: "BatchRequestTooLong" });
    }
    this.requests.push(Entries.length);
    for (const { MessageBody, MessageAttributes } of Entries) {
      expect(this.taken.has(String(MessageBody))).toBe(false);
      this.taken.set(String(MessageBody), Object.keys(MessageAttributes ?? {}).sort());
    }
    return { Successful: Entries.map(({ Id }) => ({ Id })) };
  };

  async take(letters: readonly RefusedMessage[]) {
    const queue = new DeadLetterQueue("https://sqs/dlq", this as unknown as SQSClient);
    return queue.send(letters, Deadline.in(5_000));
  }
}

describe("DeadLetterQueue", () => {
  it("sends no request without messages", async () => {
    const queue = new StrictQueue();
    expect((await queue.take([])).size).toBe(0);
    expect(queue.requests).toEqual([]);
  });

  it("sends ten messages per request", async () => {
    const queue = new StrictQueue();
    const letters = Array.from({ length: 23 }, (_, index) => letterOf(`body ${index}`));
    expect((await queue.take(letters)).size).toBe(0);
    expect(queue.requests).toEqual([10, 10, 3]);
  });

  it("sends at most one MiB per request, attributes included", async () => {
    const queue = new StrictQueue();
    const ofAttributes = entryBytes(toEntry(letterOf(""), LeftOut.Nothing));
    const half = (id: string) => id + "x".repeat(MIB / 2 - ofAttributes - 11);
    const letters = [half("a"), half("b"), `${half("c")}${"x".repeat(1_000)}`, half("d")].map((body) => letterOf(body));
    expect((await queue.take(letters)).size).toBe(0);
    expect(queue.requests).toEqual([2, 1, 1]);
  });

  it("sends every message whose body and code fit, and returns an error for every other message", async () => {
    const maxMessageBytes = 2_000;
    const onlyCode = entryBytes(toEntry(letterOf(""), LeftOut.Originals));
    const letter = fc.record({ bytes: fc.integer({ min: 10, max: 2_200 }), trace: fc.integer({ min: 1, max: 400 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(letter, { maxLength: 30 }), async (sizes) => {
        const queue = new StrictQueue(maxMessageBytes);
        const letters = sizes.map(({ bytes, trace }, index) =>
          letterOf(String(index).padEnd(bytes, "x"), { trace: attribute("t".repeat(trace)) }),
        );
        const errors = await queue.take(letters);
        for (const each of letters) {
          const fits = Buffer.byteLength(each.record.body) + onlyCode <= maxMessageBytes;
          expect(queue.taken.has(each.record.body)).toBe(fits);
          expect(errors.has(each)).toBe(!fits);
          if (fits) expect(queue.taken.get(each.record.body)).toContain("error_code");
        }
      }),
      { numRuns: 200 },
    );
  });

  it("leaves out as little as possible of a large message, and nothing of the others", async () => {
    const queue = new StrictQueue();
    const tooLong = letterOf("x".repeat(MIB - 300), { trace: attribute("t".repeat(200)) });
    const ordinary = letterOf("ordinary", { trace: attribute("t") });
    expect((await queue.take([tooLong, ordinary])).size).toBe(0);
    expect(queue.taken.get("ordinary")).toEqual(["error_code", "error_message", "original_message_id", "trace"]);
    expect(queue.taken.get(tooLong.record.body)).toEqual(["error_code", "original_message_id", "trace"]);
  });

  it("returns the reason why a message that is too long was not sent", async () => {
    const letters = ["a", "x".repeat(MIB + 1), "b"].map((body) => letterOf(body));
    const errors = await new StrictQueue().take(letters);
    expect([...errors.keys()]).toEqual([letters[1]]);
    expect([...errors.values()][0]?.message).toMatch(
      /^SQS did not take the dead letter: BatchRequestTooLong: too long. The message was refused with NOT_JSON: not JSON/,
    );
  });
});
