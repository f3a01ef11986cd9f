import type { HopKind } from "@event-pipeline/event-model/hop";
import type { TracedHop } from "../../api";
import { traceByPart } from "../../page/trace-by-part";

const hopOf = (part: string, kind: HopKind, at: number, detail: TracedHop["detail"] = {}): TracedHop => ({
  at,
  kind,
  part,
  eventId: "m",
  messageId: "m",
  detail,
});

test("groups hops by part, with a dead letter after the attempt that caused it", () => {
  const groups = traceByPart([
    hopOf("topic", "published", 0),
    hopOf("local-alerts", "filtered", 1),
    hopOf("processor", "queued", 1),
    hopOf("processor", "dead-lettered", 9),
    hopOf("processor", "processed", 10, { ms: 8 }),
    hopOf("archive", "archived", 30),
    hopOf("processor", "queued", 40),
    hopOf("processor", "failed", 50, { ms: 100 }),
    hopOf("processor", "dead-lettered", 60),
  ]);
  const texts = groups.map(({ part, hops }) => [part, ...hops.map(({ hop, at }) => `${hop.kind} ${at}`)]);
  expect(texts).toEqual([
    ["topic", "published 0"],
    // An attempt has the time at which it started, which is never before its cause.
    ["processor", "queued 1", "processed 2", "dead-lettered 9", "queued 40", "failed 40", "dead-lettered 60"],
    ["archive", "archived 30"],
    ["local-alerts", "filtered 1"],
  ]);
});
