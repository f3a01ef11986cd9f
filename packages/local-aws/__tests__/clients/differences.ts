import type { Answer } from "./python-client";

/** Members whose values each server makes up. */
const MADE_UP = /(Id|Arn|Handle|Token|Timestamp|Date|Time|Modified|Initiated)$/;

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?/g;
const ENDPOINT = /http:\/\/[\w.]+:\d+/g;

/** Returns the values by path of an answer, without what each server makes up. */
function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, member]) => leaves(member, path ? `${path}.${key}` : key));
  }
  if (typeof value === "number" && MADE_UP.test(path)) return [[path, "made up"]];
  if (typeof value !== "string") return [[path, value]];
  const text = value.replace(UUID, "UUID").replace(TIME, "TIME").replace(ENDPOINT, "ENDPOINT");
  return [[path, MADE_UP.test(path) && !text.startsWith("arn:") ? "made up" : text]];
}

/** Returns both values by path where two answers differ. The texts of errors may differ. */
export function differences(one: Answer, other: Answer): Record<string, readonly [unknown, unknown]> {
  const [first, second] = [one, other].map(
    (answer) => new Map(leaves("error" in answer ? { error: answer.error } : answer)),
  );
  const paths = new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])]);
  const pairs = [...paths].map((path) => [path, [first?.get(path), second?.get(path)]] as const);
  return Object.fromEntries(pairs.filter(([, [a, b]]) => JSON.stringify(a) !== JSON.stringify(b)));
}
