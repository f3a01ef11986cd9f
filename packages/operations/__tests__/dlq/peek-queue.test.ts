import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { FakeQueues } from "@event-pipeline/testing/fake-queue";
import { VirtualClock } from "@event-pipeline/testing/virtual-clock";
import fc from "fast-check";
import { type DeadLetterMessage, matchesFilter } from "../../dlq/dead-letter-message";
import { DeadLetterGroups, type PeekOptions, type PeekResult, peekQueue } from "../../dlq/peek-queue";
import { VisibilityLease } from "../../dlq/visibility-lease";
import type { SqsQueue } from "../../sqs/queue-counts";

const DLQ = "dlq";

function filled(count: number) {
  const clock = new VirtualClock();
  const queues = new FakeQueues(clock);
  for (let index = 0; index < count; index += 1) queues.put(DLQ, String(index));
  const { open } = VisibilityLease;
  jest.spyOn(VisibilityLease, "open").mockImplementation((queue, seconds) => open(queue, seconds, clock));
  const peek = (options: Partial<PeekOptions> = {}, queue: SqsQueue = queues.queue(DLQ)): Promise<PeekResult> =>
    clock.run(peekQueue(queue, { onMessage: () => undefined, ...options }));
  const hold = (VisibilityTimeout: number) =>
    clock.run(
      queues.sqs.send(new ReceiveMessageCommand({ QueueUrl: DLQ, MaxNumberOfMessages: 10, VisibilityTimeout })),
    );
  return { clock, queues, peek, hold };
}

afterEach(() => jest.restoreAllMocks());

test("is incomplete while another consumer holds messages", async () => {
  const { peek, hold, queues } = filled(60);
  await hold(300);
  expect(await peek()).toMatchObject({ seen: 50, notSeen: 10, complete: false });
  expect(queues.visible(DLQ)).toBe(50);
});

test("waits for messages that another consumer holds", async () => {
  const { peek, hold } = filled(60);
  await hold(20);
  expect(await peek({ waitMs: 30_000 })).toMatchObject({ seen: 60, notSeen: 0, complete: true });
});

test("stops waiting after the given time", async () => {
  const { peek, hold, clock } = filled(60);
  await hold(300);
  expect(await peek({ waitMs: 10_000 })).toMatchObject({ seen: 50, notSeen: 10, complete: false });
  expect(clock.now()).toBeLessThan(15_000);
});

test("is incomplete if new messages make up for the messages that another consumer took meanwhile", async () => {
  const { peek, queues } = filled(60);
  let hasTaken = false;
  queues.fault = (operation) => {
    if (operation !== "ReceiveMessageCommand" || hasTaken) return undefined;
    hasTaken = true;
    for (let index = 0; index < 10; index += 1) queues.put(DLQ, `new ${index}`);
    // The response with ten messages is lost.
    return "retried";
  };
  expect(await peek()).toMatchObject({ seen: 60, notSeen: 10, complete: false });
});

test("sees messages that arrive meanwhile", async () => {
  const { peek, queues } = filled(20);
  let arrivals = 5;
  const onMessage = () => {
    if (arrivals-- > 0) queues.put(DLQ, `new ${arrivals}`);
  };
  expect(await peek({ onMessage })).toMatchObject({ seen: 25, complete: true });
});

test("is complete although the counts follow some seconds later", async () => {
  const { peek, queues, clock } = filled(20);
  // Five seconds long, the received messages are counted twice: as visible and as in flight.
  const late = {
    send: async (command: object) => {
      const result = await queues.sqs.send(command as GetQueueAttributesCommand);
      if (!(command instanceof GetQueueAttributesCommand) || clock.now() > 5_000) return result;
      return { Attributes: { ...result.Attributes, ApproximateNumberOfMessages: "20" } };
    },
  } as unknown as SQSClient;
  expect(await peek({}, { ...queues.queue(DLQ), sqs: late })).toMatchObject({ seen: 20, notSeen: 0, complete: true });
});

test("an empty queue is complete, and an interrupted or stopped peek is not", async () => {
  const { peek, queues } = filled(0);
  expect(await peek()).toMatchObject({ seen: 0, notSeen: 0, complete: true });
  for (let index = 0; index < 60; index += 1) queues.put(DLQ, String(index));
  expect(await peek({ signal: AbortSignal.abort() })).toMatchObject({ seen: 0, notSeen: 60, complete: false });
  expect(await peek({ onMessage: () => "stop" })).toMatchObject({ matched: 1, complete: false });
  expect(queues.visible(DLQ)).toBe(60);
});

test("releases a message that two concurrent receives return with the newer receipt handle", async () => {
  const { peek, queues } = filled(1);
  const responses: string[] = [];
  const released: (string | undefined)[] = [];
  let receives = 0;
  const sqs = {
    send: async (command: object) => {
      if (command instanceof ChangeMessageVisibilityBatchCommand) {
        released.push(...(command.input.Entries ?? []).map(({ ReceiptHandle }) => ReceiptHandle));
      }
      if (!(command instanceof ReceiveMessageCommand) || receives >= 2) return queues.sqs.send(command as never);
      receives += 1;
      const count = receives;
      // The response to the first receive arrives last.
      while (count === 1 && responses.length === 0) await Promise.resolve();
      responses.push(`handle ${count}`);
      const Attributes = { ApproximateReceiveCount: String(count), SentTimestamp: "0" };
      return { Messages: [{ MessageId: "twice", ReceiptHandle: `handle ${count}`, Body: "{}", Attributes }] };
    },
  } as unknown as SQSClient;
  await peek({}, { ...queues.queue(DLQ), sqs });
  expect(responses).toEqual(["handle 2", "handle 1"]);
  expect(released).toContain("handle 2");
  expect(released).not.toContain("handle 1");
});

test("a group's filter matches exactly its messages, and no filter matches messages without a type", () => {
  const name = fc.constantFrom(undefined, "none", "NOT_JSON", "-x", "a\nb", "a\0b");
  const message = fc.record({
    code: name,
    type: name,
    sqsMessageId: fc.uuid(),
    sentAt: fc.date({ noInvalidDate: true }),
  });
  fc.assert(
    fc.property(fc.array(message), fc.constantFrom("code" as const, "type" as const), (generated, by) => {
      const messages = generated as unknown as DeadLetterMessage[];
      const groups = new DeadLetterGroups(by);
      for (const each of messages) groups.add(each);
      for (const { name, count, exampleId, filter } of groups.groups) {
        const hasFilter = !name?.includes("\0") && (by === "code" || name !== undefined);
        expect([name, filter !== undefined]).toEqual([name, hasFilter]);
        if (!filter) continue;
        const matching = messages.filter((each) => matchesFilter(each, filter));
        expect(matching).toHaveLength(count);
        expect(matching.map(({ sqsMessageId }) => sqsMessageId)).toContain(exampleId);
      }
      expect(groups.groups.reduce((sum, { count }) => sum + count, 0)).toBe(messages.length);
    }),
  );
});
