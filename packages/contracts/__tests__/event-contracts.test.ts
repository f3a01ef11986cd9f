import { parseEvent } from "@event-pipeline/event-model/event";
import { eventContractsOf } from "../contract-set";
import type { JsonSchema } from "../schema";
import { contractOf, setOf } from "./contracts";

/** Returns the refusal of an event by a contract with these keywords; undefined if the event is valid. */
function refusalOf(keywords: JsonSchema, event: unknown, strictTypes = false): string | undefined {
  const contracts = eventContractsOf(setOf([contractOf(keywords)], { strictTypes }));
  try {
    contracts.validate(parseEvent({ message: typeof event === "string" ? event : JSON.stringify(event) }, contracts));
    return undefined;
  } catch (error) {
    const { name, code, message } = error as { name: string; code: string; message: string };
    expect(name).toBe("RefusedMessageError");
    return `${code} ${message}`;
  }
}

const property = (schema: JsonSchema): JsonSchema => ({ properties: { v: schema } });

test("an event nested too deeply to be quoted is refused, not retried", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const refusal = refusalOf(property({ type: "string" }), `{"type":"a","v":${deep}}`);
  expect(refusal).toContain("nested too deeply");
});

test("types without a contract are refused only with strictTypes, and the known types named", () => {
  expect(refusalOf({}, { type: "b" })).toBeUndefined();
  expect(refusalOf({}, { type: "b" }, true)).toMatch(/^UNKNOWN_TYPE .*"b".*"a"\.$/);
  expect(refusalOf({}, {}, true)).toMatch(/^UNKNOWN_TYPE .*"unknown"/);
  expect(refusalOf({}, { type: "a" }, true)).toBeUndefined();
});
