import { randomUUID } from "node:crypto";
import type { SQSRecord } from "aws-lambda";

/** Returns an event of about 500 bytes. */
export function eventOf(id: string): Record<string, unknown> {
  return {
    type: "finding.new",
    id,
    time: "2026-01-02T03:04:05.678Z",
    severity: "low",
    title: "Reflected input in a query parameter",
    target: { host: "shop.example.com", path: "/search", parameter: "q", ports: [80, 443] },
    evidence: "The parameter comes back unescaped within a script element. ".repeat(4),
    confidence: 0.87,
    confirmed: false,
  };
}

/** Returns the SQS record that Lambda receives for the event, in SNS's envelope. */
export function recordOf(id: string): SQSRecord {
  const envelope = {
    Type: "Notification",
    MessageId: randomUUID(),
    TopicArn: "arn:aws:sns:us-east-1:000000000000:bench-events",
    Message: JSON.stringify(eventOf(id)),
    Timestamp: new Date().toISOString(),
    SignatureVersion: "1",
    Signature: "A".repeat(344),
    SigningCertURL: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
    UnsubscribeURL: "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
  };
  return {
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body: JSON.stringify(envelope),
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: String(Date.now()),
      SenderId: "AIDABENCH",
      ApproximateFirstReceiveTimestamp: String(Date.now()),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:bench-events-queue",
    awsRegion: "us-east-1",
  };
}
