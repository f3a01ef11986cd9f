import { FakeAws, type Letter, type WireItem } from "@event-pipeline/testing/fake-aws";
import { captureOutput, type Line } from "@event-pipeline/testing/output";
import { contextOf, recordOf } from "@event-pipeline/testing/sqs-records";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { DynaliteTable } from "./dynalite-table";

/** The handler as Lambda loads it, with an embedded DynamoDB and a dead-letter queue. */
export class HandlerWithTable {
  private readonly sqs = new FakeAws();
  private table: DynaliteTable | undefined;
  private output: ReturnType<typeof captureOutput> | undefined;
  private handle: ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) | undefined;

  /** Registers Jest hooks. Call the constructor once per test file. */
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
      this.output = captureOutput();
    });
    afterEach(() => this.output?.restore());
  }

  async items(): Promise<WireItem[]> {
    return (await this.table?.all()) ?? [];
  }

  /** Processes one batch with the handler. */
  async process(records: SQSRecord[]): Promise<SQSBatchResponse | undefined> {
    return this.handle?.({ Records: records }, contextOf(10_000));
  }

  /** Processes one body, which must not be retried, and returns the item of the SNS message, if there is one. */
  async itemOf(body: string, messageId: string): Promise<WireItem | undefined> {
    expect(await this.process([recordOf(body, { messageId: "sqs-1" })])).toEqual({ batchItemFailures: [] });
    return (await this.items()).find(({ message_id }) => message_id?.S === messageId);
  }

  get letters(): readonly Letter[] {
    return this.sqs.letters;
  }

  logged(message: string): Line[] {
    return this.output?.lines().filter((line) => line.message === message) ?? [];
  }
}
