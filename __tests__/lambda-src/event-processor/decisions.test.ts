import { readFileSync } from "node:fs";
import { REFUSAL_CODES } from "@event-pipeline/event-model/refusal";
import { DECISIONS, documentedDecisions, expectStoredData } from "@event-pipeline/testing/decisions";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { HandlerWithTable } from "../../helpers/handler-with-table";

const underTest = new HandlerWithTable();

it("covers every row of docs/events.md", () => {
  expect(Object.keys(DECISIONS)).toEqual(documentedDecisions());
});

it("refuses with the codes in docs/events.md, and with no others", () => {
  const rows = readFileSync("docs/events.md", "utf8").matchAll(/^\| (.+?) +\| `([A-Z_]+)` \|/gm);
  const codeByRow = Object.fromEntries([...rows].map(([, row = "", code]) => [row, code]));
  const refused = Object.entries(DECISIONS).flatMap(([row, { end }]) =>
    typeof end === "object" && "refused" in end ? [[row, end.refused]] : [],
  );
  expect(codeByRow).toEqual(Object.fromEntries(refused));
  // dynamodb-faults.test.ts and contracts.test.ts have the tests of the remaining codes.
  const others = ["REFUSED_BY_DYNAMODB", "CONTRACT_VIOLATED", "UNKNOWN_TYPE"];
  expect([...new Set(Object.values(codeByRow)), ...others].sort()).toEqual([...REFUSAL_CODES].sort());
});

let count = 0;
/** Returns the body as SNS delivers it, except in the row about a body without an envelope. */
function bodyOf(row: string, message: string) {
  const messageId = `sns-${count++}`;
  const Timestamp = new Date(Date.parse("2026-03-04T05:06:07.000Z") + count).toISOString();
  if (row === "a body that SNS did not write") return { messageId, body: message };
  return { messageId, body: envelopeOf(message, { MessageId: messageId, Timestamp }) };
}

it.each(Object.entries(DECISIONS))("%s", async (row, { messages, end }) => {
  for (const message of messages) {
    const { messageId, body } = bodyOf(row, message);
    const item = await underTest.itemOf(body, messageId);
    if (typeof end === "string") expectStoredData(end, message, item);
    else if ("item" in end) expect(item).toMatchObject(end.item(messageId));
    else if ("refused" in end) expectRefused(end.refused, body, item);
  }
  if (typeof end !== "string" && "items" in end) {
    const { type } = JSON.parse(String(messages[0])) as { type: string };
    expect((await underTest.items()).filter(({ event_type }) => event_type?.S === type)).toHaveLength(end.items);
  } else if (typeof end === "string" || "item" in end) {
    expect(underTest.letters).toEqual([]);
  }
});

function expectRefused(code: string, body: string, item: unknown): void {
  expect(item).toBeUndefined();
  const letter = underTest.letters.at(-1);
  expect(letter?.MessageBody).toBe(body);
  expect(letter?.MessageAttributes).toMatchObject({
    error_code: { DataType: "String", StringValue: code },
    error_message: { DataType: "String", StringValue: expect.stringMatching(/.{20}/) },
    original_message_id: { DataType: "String", StringValue: "sqs-1" },
  });
  expect(underTest.logged("record refused").at(-1)).toMatchObject({ level: "ERROR", error_code: code });
}
