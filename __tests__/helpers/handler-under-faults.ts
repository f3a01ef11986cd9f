import { FakeAws } from "@event-pipeline/testing/fake-aws";
import { captureOutput, type Line } from "@event-pipeline/testing/output";
import { contextOf, recordOfEvent } from "@event-pipeline/testing/sqs-records";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export const NOT_JSON = "{cut off";

export interface Outcome {
  readonly stored: number;
  readonly deadLettered: number;
  readonly retried: number;
  /** Time until the handler returned, in milliseconds. */
  readonly ms: number;
}

/** The handler as Lambda loads it, with a fake AWS that injects faults. */
export class HandlerUnderFaults {
  readonly aws = new FakeAws();
  private output: ReturnType<typeof captureOutput> | undefined;
  private handle: ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) | undefined;

  /** Registers Jest hooks. Call the constructor once per test file. */
  constructor() {
    beforeAll(async () => {
      const endpoint = await this.aws.start();
      Object.assign(process.env, {
        TABLE_NAME: "events",
        // As in emulators whose queue URLs have AWS's host. All requests must still go to the endpoint.
        DEAD_LETTER_QUEUE_URL: "https://sqs.us-east-1.amazonaws.invalid/123456789012/events-dlq",
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_LAMBDA_FUNCTION_NAME: "events",
        EVENT_TTL_DAYS: "36500",
      });
      const { handler } = await import("../../lambda-src/event-processor/index");
      this.handle = handler;
    });
    afterAll(() => this.aws.stop());
    beforeEach(() => this.reset());
    afterEach(() => this.output?.restore());
  }

  /** Removes stored items, sent messages and log lines. */
  reset(): void {
    this.aws.reset();
    this.output?.restore();
    this.output = captureOutput();
  }

  /** Invokes the handler without assertions. */
  async invoke(records: readonly SQSRecord[], context: Context): Promise<SQSBatchResponse> {
    return this.invokeWith({ Records: [...records] }, context);
  }

  /** Invokes the handler with any event. */
  async invokeWith(event: unknown, context: Context): Promise<SQSBatchResponse> {
    if (!this.handle) throw new Error("Invoke the handler in tests, after beforeAll.");
    return this.handle(event as SQSEvent, context);
  }

  /** Invokes the handler, and asserts that it returns in time and that every record has exactly one outcome. */
  async process(records: readonly SQSRecord[], timeoutMs: number): Promise<Outcome> {
    const start = performance.now();
    const { batchItemFailures } = await this.invoke(records, contextOf(timeoutMs));
    const ms = performance.now() - start;
    expect(ms).toBeLessThan(timeoutMs);

    const retried = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    const deadLettered = this.aws.letters.map((letter) => letter.MessageAttributes.original_message_id?.StringValue);
    const inTable = new Set([...this.aws.items.values()].map(({ message_id }) => message_id?.S));
    const stored: string[] = [];
    for (const { messageId, body } of records) {
      const isRetried = retried.includes(messageId);
      const isInTable = inTable.has((JSON.parse(body) as { MessageId: string }).MessageId);
      // An aborted request may have stored an item whose record is retried. The retry writes the same item.
      expect([isRetried || isInTable, deadLettered.includes(messageId)].filter(Boolean)).toHaveLength(1);
      if (isInTable && !isRetried) stored.push(messageId);
    }
    expect(new Set([...retried, ...deadLettered]).size).toBe(retried.length + deadLettered.length);
    return { stored: stored.length, deadLettered: deadLettered.length, retried: retried.length, ms };
  }

  /** Returns the lines of logs and metrics, in the order of writing. */
  lines(): Line[] {
    return this.output?.lines() ?? [];
  }

  logged(message: string): Line[] {
    return this.lines().filter((line) => line.message === message);
  }

  metric(name: string): unknown {
    return this.lines().find((line) => "_aws" in line && !("error_code" in line))?.[name];
  }
}

/** Returns records of valid events with the IDs `e-0`, `e-1` and so on. */
export function goodRecords(count: number): SQSRecord[] {
  return Array.from({ length: count }, (_, index) => recordOfEvent({ type: "scan.done", id: `e-${index}` }));
}
