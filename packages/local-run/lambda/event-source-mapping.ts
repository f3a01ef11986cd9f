import type { SqsQueue } from "@event-pipeline/local-aws/fauxqs/stores";
import type { LocalAws } from "@event-pipeline/local-aws/local-aws";
import type { Block } from "@event-pipeline/terraform-json/synthesized-stack";
import { FailureReasons, failedIdentifiers } from "./batch-item-failures";
import type { LambdaFunction } from "./lambda-function";

type ReceivedMessage = Awaited<ReturnType<LocalAws["receive"]>>[number];

/** Number of concurrent batches. Lambda starts with five; two keep this process and the handler's process busy. */
const CONCURRENT_BATCHES = 2;

/** The result of one message in one invocation. */
export interface DeliveryAttempt {
  readonly functionName: string;
  readonly body: string;
  readonly receiveCount: number;
  readonly durationMs: number;
  /** Reason of the failure; undefined when the message was processed and deleted. */
  readonly error?: string;
}

export interface EventSourceMappingOptions {
  /** The `aws_lambda_event_source_mapping`. */
  readonly block: Block;
  readonly aws: LocalAws;
  readonly fn: LambdaFunction;
  /** Seconds until a failed message is received again. */
  readonly retryDelaySeconds: number;
  readonly onAttempt: (attempt: DeliveryAttempt) => void;
}

/** Polls a queue and invokes a function with batches, as Lambda's event source mapping does. */
export class EventSourceMapping {
  private readonly queue: SqsQueue;
  private readonly batchSize: number;
  private readonly windowMs: number;
  private readonly partialFailures: boolean;
  private running: Promise<unknown> | undefined;
  private isStopping = false;

  constructor(private readonly options: EventSourceMappingOptions) {
    const { block, aws } = options;
    this.queue = aws.queue(String(block.get("event_source_arn")));
    this.batchSize = Number(block.get("batch_size") ?? 10);
    this.windowMs = 1_000 * Number(block.get("maximum_batching_window_in_seconds") ?? 0);
    const responseTypes = (block.get("function_response_types") ?? []) as string[];
    this.partialFailures = responseTypes.includes("ReportBatchItemFailures");
  }

  start(): void {
    this.running = Promise.all(Array.from({ length: CONCURRENT_BATCHES }, () => this.poll()));
  }

  /** Stops polling and waits for the current invocations. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.queue.cancelWaiters();
    await this.running;
  }

  private async poll(): Promise<void> {
    while (!this.isStopping) {
      const messages = await this.receiveBatch();
      if (messages.length > 0) await this.process(messages);
    }
  }

  /** Receives one batch. ReceiveMessage returns at most 10 messages; larger batches fill up during the batching window. */
  private async receiveBatch(): Promise<ReceivedMessage[]> {
    const messages = await this.options.aws.receive(this.queue, this.batchSize, 20);
    const deadline = Date.now() + this.windowMs;
    while (messages.length > 0 && messages.length < this.batchSize && !this.isStopping) {
      const waitSeconds = Math.max(0, deadline - Date.now()) / 1_000;
      const more = await this.options.aws.receive(this.queue, this.batchSize - messages.length, waitSeconds);
      if (more.length === 0 && Date.now() >= deadline) break;
      messages.push(...more);
    }
    return messages;
  }

  private async process(messages: readonly ReceivedMessage[]): Promise<void> {
    const records = messages.map((message) => this.recordOf(message));
    const start = performance.now();
    const failed = await this.invoke(records);
    const durationMs = performance.now() - start;
    for (const { messageId, receiptHandle, body, attributes } of records) {
      const error = failed.get(messageId);
      if (error === undefined) this.queue.deleteMessage(receiptHandle);
      else this.queue.changeVisibility(receiptHandle, this.options.retryDelaySeconds);
      this.options.onAttempt({
        functionName: this.options.fn.name,
        body,
        receiveCount: Number(attributes.ApproximateReceiveCount),
        durationMs,
        ...(error !== undefined && { error }),
      });
    }
  }

  /** Invokes the function. Returns the reason of each failed message by message ID. */
  private async invoke(records: readonly SqsRecord[]): Promise<Map<string, string>> {
    const ids = records.map(({ messageId }) => messageId);
    try {
      const reasons = new FailureReasons();
      const response = await this.options.fn.invoke({ Records: records }, (line) => reasons.read(line));
      if (!this.partialFailures) return new Map();
      return new Map(failedIdentifiers(response, ids).map((id) => [id, reasons.of(id)]));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return new Map(ids.map((id) => [id, reason]));
    }
  }

  private recordOf(message: ReceivedMessage) {
    const stored = this.queue.inflightMessages.get(message.ReceiptHandle)?.message;
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: {
        ApproximateReceiveCount: String(stored?.approximateReceiveCount ?? 1),
        SentTimestamp: String(stored?.sentTimestamp ?? Date.now()),
        SenderId: "AIDALOCAL",
        ApproximateFirstReceiveTimestamp: String(stored?.approximateFirstReceiveTimestamp ?? Date.now()),
      },
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
          name,
          { dataType: value.DataType, stringValue: value.StringValue, binaryValue: value.BinaryValue },
        ]),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: this.queue.arn,
      awsRegion: this.options.aws.region,
    };
  }
}

type SqsRecord = ReturnType<EventSourceMapping["recordOf"]>;
