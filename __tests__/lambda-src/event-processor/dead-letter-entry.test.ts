import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { recordOf } from "@event-pipeline/testing/sqs-records";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import type { SQSMessageAttributes } from "aws-lambda";
import fc from "fast-check";
import { entryBytes, LeftOut, toEntry } from "../../../lambda-src/event-processor/dead-letter-entry";

const NOT_JSON = new RefusedMessageError("NOT_JSON", "The message is not JSON.");
const attribute = (stringValue: string) => ({ dataType: "String" as const, stringValue });

function attributesOf(messageAttributes: SQSMessageAttributes, error = NOT_JSON, leftOut = LeftOut.Nothing) {
  const record = recordOf("body", { messageId: "sqs-id", messageAttributes });
  return toEntry({ record, error, snsMessageId: "sns-id" }, leftOut).MessageAttributes ?? {};
}

describe("a dead letter", () => {
  it("has the received body, and attributes that say why it was refused", () => {
    const record = recordOf('{"odd":\n body}', { messageId: "sqs-id" });
    expect(toEntry({ record, error: NOT_JSON, snsMessageId: "sns-id" }, LeftOut.Nothing)).toEqual({
      MessageBody: '{"odd":\n body}',
      MessageAttributes: {
        error_code: { DataType: "String", StringValue: "NOT_JSON" },
        error_message: { DataType: "String", StringValue: "The message is not JSON." },
        original_message_id: { DataType: "String", StringValue: "sqs-id" },
        sns_message_id: { DataType: "String", StringValue: "sns-id" },
      },
    });
    const { MessageAttributes } = toEntry({ record, error: NOT_JSON }, LeftOut.Nothing);
    expect(MessageAttributes).not.toHaveProperty("sns_message_id");
  });

  it("escapes characters that SQS refuses, and the envelope stays equivalent", () => {
    const body = '{"Message":"a\uFFFF\uD83Db \u{1F600}"}';
    const entry = toEntry({ record: recordOf(body), error: NOT_JSON, snsMessageId: "sns-id" }, LeftOut.Nothing);
    expect(entry.MessageBody).toBe('{"Message":"a\\uffff\\ud83db \u{1F600}"}');
    expect(JSON.parse(String(entry.MessageBody))).toEqual(JSON.parse(body));
  });

  it("keeps the attributes of the message, regardless of their names", () => {
    const own = JSON.parse('{"__proto__": {"dataType": "String", "stringValue": "p"}}') as SQSMessageAttributes;
    own.trace = attribute("t-1");
    own.toString = attribute("t-2") as never;
    own.blob = { dataType: "Binary", binaryValue: "AAH/" };
    const attributes = attributesOf(own);
    expect(Object.keys(attributes)).toEqual(
      expect.arrayContaining(["__proto__", "trace", "toString", "blob", "error_code"]),
    );
    expect(Object.getOwnPropertyDescriptor(attributes, "__proto__")?.value).toEqual({
      DataType: "String",
      StringValue: "p",
    });
    expect(attributes.blob).toEqual({ DataType: "Binary", BinaryValue: Buffer.from([0, 1, 255]) });
  });

  it.each([
    [6, ["error_code", "error_message", "original_message_id", "sns_message_id"]],
    [7, ["error_code", "error_message", "original_message_id"]],
    [8, ["error_code", "error_message"]],
    [9, ["error_code"]],
    [10, ["error_code"]],
  ])("keeps %i of the message's own attributes, at most 9 of SQS's 10, and adds %j", (count, reasons) => {
    const names = Array.from({ length: count }, (_, index) => `a${index}`);
    const attributes = attributesOf(Object.fromEntries(names.map((name) => [name, attribute("x")])));
    expect(Object.keys(attributes)).toEqual([...names.slice(0, 9), ...reasons]);
  });

  it("replaces all attributes of an earlier refusal", () => {
    const earlier = { error_code: attribute("KEY_TOO_LONG"), error_message: attribute("too long") };
    expect(attributesOf(earlier).error_code?.StringValue).toBe("NOT_JSON");
    expect(attributesOf(earlier, NOT_JSON, LeftOut.Reason)).not.toHaveProperty("error_message");
  });

  it("leaves out the reason, then the IDs, then the original attributes, and never the code", () => {
    const named = (leftOut: LeftOut) => Object.keys(attributesOf({ trace: attribute("t") }, NOT_JSON, leftOut)).sort();
    const ids = ["original_message_id", "sns_message_id"];
    expect(named(LeftOut.Nothing)).toEqual(["error_code", "error_message", ...ids, "trace"]);
    expect(named(LeftOut.Reason)).toEqual(["error_code", ...ids, "trace"]);
    expect(named(LeftOut.Ids)).toEqual(["error_code", "trace"]);
    expect(named(LeftOut.Originals)).toEqual(["error_code"]);
  });

  it("has a reason of limited length that SQS accepts, for any error", () => {
    fc.assert(
      fc.property(unicodeText({ minLength: 1, maxLength: 2_000 }), (message) => {
        const text = attributesOf({}, new RefusedMessageError("NOT_JSON", message)).error_message?.StringValue ?? "";
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(1_000);
        // The characters that SendMessage documents.
        expect(text).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u);
      }),
      { numRuns: 400 },
    );
  });

  it("counts bytes as SQS does: body, and name, type and value of attributes", () => {
    const record = recordOf("ä", { messageId: "id" });
    const attributes = "error_codeStringNOT_JSONerror_messageStringThe message is not JSON.original_message_idStringid";
    expect(entryBytes(toEntry({ record, error: NOT_JSON }, LeftOut.Nothing))).toBe(2 + attributes.length);
  });
});
