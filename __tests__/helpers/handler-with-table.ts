import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { DynaliteTable } from "./dynalite-table";
import { FakeAws, type WireItem } from "./fake-aws";
import { catchOutput } from "./output";
import { contextOf, envelopeOf, recordOf } from "./sqs-records";
import { canonicalOfWire } from "./stored-json";

type Check = () => Promise<void>;

/** The handler as Lambda loads it, with an embedded DynamoDB and a dead-letter queue. */
export class HandlerWithTable {
  private readonly sqs = new FakeAws();
  private table: DynaliteTable | undefined;
  private output: ReturnType<typeof catchOutput> | undefined;
  private handle: ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) | undefined;

  /** To be called once in a test file: it starts, resets and stops with its tests. */
  constructor() {
    beforeAll(async () => {
      this.table = await DynaliteTable.start();
      const sqsEndpoint = await this.sqs.start();
      Object.assign(process.env, {
        TABLE_NAME: this.table.tableName,
        DEAD_LETTER_QUEUE_URL: `${sqsEndpoint}/123456789012/events-dlq`,
        AWS_ENDPOINT_URL_DYNAMODB: this.table.endpoint,
        AWS_ENDPOINT_URL_SQS: sqsEndpoint,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      });
      const { handler } = await import("../../lambda-src/event-processor/index");
      this.handle = handler;
    });
    afterAll(() => Promise.all([this.table?.stop(), this.sqs.stop()]));
    beforeEach(() => {
      this.sqs.reset();
      this.output = catchOutput();
    });
    afterEach(() => this.output?.restore());
  }

  async items(): Promise<WireItem[]> {
    return (await this.table?.all()) ?? [];
  }

  /** Has the handler process one batch. */
  async process(records: SQSRecord[]): Promise<SQSBatchResponse | undefined> {
    return this.handle?.({ Records: records }, contextOf(10_000));
  }

  /** Has the handler process one body, and returns the item that is new in the table, if one is. */
  async itemOfBody(body: string): Promise<WireItem | undefined> {
    const keyOf = ({ event_type, timestamp_id }: WireItem) => `${event_type?.S} ${timestamp_id?.S}`;
    const before = new Set((await this.items()).map(keyOf));
    const response = await this.process([recordOf(body, { messageId: "sqs-1" })]);
    expect(response).toEqual({ batchItemFailures: [] });
    return (await this.items()).find((item) => !before.has(keyOf(item)));
  }

  /** @param expected - As `canonicalOfWire` writes it. */
  asMap(message: string, expected: unknown): Check {
    return async () => {
      const item = await this.itemOfBody(envelopeOf(message));
      expect(item).not.toHaveProperty("data_encoding");
      expect(canonicalOfWire(item?.data ?? {})).toEqual(expected);
      expect(this.sqs.letters).toEqual([]);
    };
  }

  asText(message: string, kept = message): Check {
    return async () => {
      const item = await this.itemOfBody(envelopeOf(message));
      expect(item).toMatchObject({ data: { S: kept }, data_encoding: { S: "json" } });
      expect(JSON.parse(kept)).toEqual(JSON.parse(message));
      expect(this.sqs.letters).toEqual([]);
    };
  }

  /** @param expected - Attributes that the item of the message has, if SNS gave it the MessageId `sns-1`. */
  withKey(message: string, expected: object): Check {
    return async () => {
      expect(await this.itemOfBody(envelopeOf(message, { MessageId: "sns-1" }))).toMatchObject(expected);
    };
  }

  refused(code: string, body: string): Check {
    return async () => {
      expect(await this.itemOfBody(body)).toBeUndefined();
      expect(this.sqs.letters).toHaveLength(1);
      expect(this.sqs.letters[0]?.MessageBody).toBe(body);
      expect(this.sqs.letters[0]?.MessageAttributes).toMatchObject({
        error_code: { DataType: "String", StringValue: code },
        error_message: { DataType: "String", StringValue: expect.stringMatching(/./) },
        original_message_id: { DataType: "String", StringValue: "sqs-1" },
      });
      const line = expect.objectContaining({ message: "record refused", error_code: code });
      expect(this.output?.lines()).toContainEqual(line);
    };
  }
}
