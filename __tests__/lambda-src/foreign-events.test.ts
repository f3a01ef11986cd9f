import { contextOf, envelopeOf, recordOf } from "@event-pipeline/testing/sqs-records";
import type { SQSEvent } from "aws-lambda";
import fc from "fast-check";
import { handler as alertLog } from "../../lambda-src/alert-log/index";
import { HandlerUnderFaults } from "../helpers/handler-under-faults";

const eventProcessor = new HandlerUnderFaults();

/** Records of other services, and of SQS with a part missing. */
const foreignRecord = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    { EventSource: "aws:sns", Sns: { MessageId: "m-1", Message: '{"type":"a"}' } },
    { eventSource: "aws:s3", s3: { bucket: { name: "b" }, object: { key: "k" } } },
    { eventSource: "aws:kinesis", eventID: "shardId-0:1", kinesis: { data: "e30=" } },
    { ...recordOf(envelopeOf("{}")), eventSource: "aws:kafka" },
    { ...recordOf(envelopeOf("{}")), body: undefined },
    { ...recordOf(envelopeOf("{}")), messageId: 1 },
  ),
);
const foreignEvent = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    { key1: "value1", key2: "value2", key3: "value3" },
    { version: "0", "detail-type": "Scheduled Event", source: "aws.events", detail: {} },
    { httpMethod: "POST", path: "/", body: '{"type":"a"}' },
    { Records: recordOf(envelopeOf("{}")) },
    { Records: { length: 0 } },
    undefined,
  ),
  fc
    .tuple(foreignRecord, fc.array(fc.constant(recordOf(envelopeOf("{}")))), fc.nat())
    .map(([foreign, own, at]) => ({ Records: own.toSpliced(at % (own.length + 1), 0, foreign as never) })),
);

const cycle: { self?: object } = {};
cycle.self = cycle;
const UNQUOTABLE = {
  "20,000 levels": JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`) as unknown,
  "a cycle": cycle,
  "a BigInt": 1n,
};

const HANDLERS = {
  "event-processor": (event: unknown) => eventProcessor.invokeWith(event, contextOf(5_000)),
  "alert-log": (event: unknown) => alertLog(event as SQSEvent),
};

describe.each(Object.entries(HANDLERS))("%s, when invoked with an event that is not from SQS,", (_, handle) => {
  it("throws an error that quotes the event, and processes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(foreignEvent, async (event) => {
        const { name, message } = await errorOf(handle(event));
        expect(name).toBe("NotAnSqsEventError");
        expect(message).toContain(String(JSON.stringify(event)).slice(0, 99));
        expect(message.length).toBeLessThan(800);
        expect(eventProcessor.lines()).toEqual([]);
        expect(eventProcessor.aws.items.size + eventProcessor.aws.letters.length).toBe(0);
      }),
    );
  });

  it.each(Object.entries(UNQUOTABLE))(
    "throws the same error for an event that JSON cannot quote: %s",
    async (_, value) => {
      for (const event of [value, { Records: [value] }]) {
        expect(await errorOf(handle(event))).toMatchObject({
          name: "NotAnSqsEventError",
          message: expect.stringContaining(`a value of the type ${typeof value}`),
        });
      }
    },
  );

  it("accepts a record without eventSource, which some emulators omit", async () => {
    const { eventSource: _, ...record } = recordOf(envelopeOf('{"type":"a"}'));
    expect(await handle({ Records: [record] })).toEqual({ batchItemFailures: [] });
  });

  it("names a batch in the error with which it can be tested", async () => {
    const { message } = await errorOf(handle({ key1: "value1" }));
    const sample: unknown = JSON.parse(message.slice(message.indexOf('{"Records"')));
    expect(await handle(sample)).toEqual({ batchItemFailures: [] });
  });
});

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    (value) => new Error(`No error: ${JSON.stringify(value)}`),
    (error: Error) => error,
  );
}
