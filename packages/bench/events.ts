import { randomUUID } from "node:crypto";
import { envelopeOf, recordOf as sqsRecord } from "@event-pipeline/testing/sqs-records";
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

/** Returns an SQS record with the event in an SNS envelope. */
export function recordOf(id: string): SQSRecord {
  return recordOfMessage(JSON.stringify(eventOf(id)));
}

/** Returns an SQS record with the message in an SNS envelope of typical size, published now. */
export function recordOfMessage(message: string): SQSRecord {
  const envelope = envelopeOf(message, {
    MessageId: randomUUID(),
    Timestamp: new Date().toISOString(),
    Signature: "A".repeat(344),
    SigningCertURL: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
    UnsubscribeURL: "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
  });
  return sqsRecord(envelope, { messageId: randomUUID() });
}
