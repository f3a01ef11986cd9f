import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { parseEnvelope } from "../envelope";
import { RefusedMessageError } from "../refusal";

describe("parseEnvelope", () => {
  it("returns the message as it was published", () => {
    fc.assert(
      fc.property(unicodeText(), (message) => {
        expect(parseEnvelope(envelopeOf(message, { MessageId: "m-1" }))).toEqual({
          messageId: "m-1",
          timestamp: new Date("2026-03-04T05:06:07.890Z"),
          message,
        });
      }),
    );
  });

  it.each([
    ["a body that is not JSON", "{", "The body is not JSON"],
    ["a JSON array", '["a"]', 'no object, so it is not an SNS envelope: ["a"]'],
    ["null", "null", "no object"],
    ["an event, delivered raw", '{"type":"a"}', "MessageId is missing. Let SNS send to the queue, with raw"],
    ["an empty MessageId", envelopeOf("{}", { MessageId: "" }), 'MessageId is ""'],
    ["a MessageId beyond SNS's 100", envelopeOf("{}", { MessageId: "x".repeat(101) }), "MessageId is"],
    ["a MessageId that is not a string", envelopeOf("{}", { MessageId: 7 }), "MessageId is 7"],
    ["a Message that is not a string", envelopeOf("{}", { Message: { type: "a" } }), 'Message is {"type":"a"}'],
    [
      "a MessageId that is a nested array",
      envelopeOf("{}", { MessageId: 0 }).replace(":0", `:${"[".repeat(5_000)}${"]".repeat(5_000)}`),
      "MessageId is [[[",
    ],
    ["a MessageId with the separator of sort keys", envelopeOf("{}", { MessageId: "a#b" }), 'MessageId is "a#b"'],
    ["no Timestamp", envelopeOf("{}", { Timestamp: undefined }), "Timestamp is missing"],
    ["a Timestamp that only Date.parse accepts", envelopeOf("{}", { Timestamp: "5 Mar 2026" }), "Timestamp is"],
  ])("refuses %s", (_, body, message) => {
    const parse = () => parseEnvelope(body);
    expect(parse).toThrow(RefusedMessageError);
    expect(parse).toThrow(
      expect.objectContaining({ code: "NOT_AN_ENVELOPE", message: expect.stringContaining(message) }),
    );
  });

  it("quotes at most 100 characters of a refused value", () => {
    const body = JSON.stringify({ MessageId: "m", Message: ["secret".repeat(1_000)], Timestamp: "" });
    expect(() => parseEnvelope(body)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,260}$/s) }),
    );
  });
});
