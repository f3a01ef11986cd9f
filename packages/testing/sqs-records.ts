import type { Context, SQSRecord } from "aws-lambda";

let count = 0;

/** Returns the SNS envelope of a published message, as a subscription without raw message delivery receives it. */
export function envelopeOf(message: string, overrides: Readonly<Record<string, unknown>> = {}): string {
  count += 1;
  return JSON.stringify({
    Type: "Notification",
    MessageId: `5a1f6d1c-0000-4000-8000-${String(count).padStart(12, "0")}`,
    TopicArn: "arn:aws:sns:us-east-1:123456789012:events",
    Message: message,
    Timestamp: "2026-03-04T05:06:07.890Z",
    SignatureVersion: "1",
    ...overrides,
  });
}

/** Returns the record that Lambda passes to a function for an SQS message. */
export function recordOf(body: string, overrides: Partial<SQSRecord> = {}): SQSRecord {
  count += 1;
  return {
    messageId: `sqs-${count}`,
    receiptHandle: `receipt-${count}`,
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "1772600767890",
      SenderId: "AIDATEST",
      ApproximateFirstReceiveTimestamp: "1772600767900",
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:events",
    awsRegion: "us-east-1",
    ...overrides,
  };
}

/** Returns the record of a published event. */
export function recordOfEvent(event: unknown): SQSRecord {
  return recordOf(envelopeOf(typeof event === "string" ? event : JSON.stringify(event)));
}

/** Returns a Lambda context. @param timeoutMs - Milliseconds until Lambda would stop the function. */
export function contextOf(timeoutMs: number): Context {
  const end = performance.now() + timeoutMs;
  return {
    awsRequestId: "request-1",
    functionName: "event-processor",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:event-processor",
    memoryLimitInMB: "512",
    logGroupName: "/aws/lambda/event-processor",
    logStreamName: "stream",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => end - performance.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
