import fc from "fast-check";
import { inGroups } from "../../../../lambda-src/event-processor/aws/request-groups";

it("keeps all values in order, in groups within the limits, and none smaller than need be", () => {
  const limits = fc.record({ maxCount: fc.integer({ min: 1, max: 10 }), maxBytes: fc.integer({ min: 1, max: 100 }) });
  fc.assert(
    fc.property(fc.array(fc.nat(120)), limits, (sizes, { maxCount, maxBytes }) => {
      const groups = inGroups(sizes, (size) => size, { maxCount, maxBytes });
      const bytes = groups.map((group) => group.reduce((sum, size) => sum + size, 0));
      expect(groups.flat()).toEqual(sizes);
      for (const [index, group] of groups.entries()) {
        expect(group.length).toBeLessThanOrEqual(maxCount);
        if (group.length > 1) expect(bytes[index]).toBeLessThanOrEqual(maxBytes);
        const next = groups[index + 1]?.[0];
        if (next === undefined) continue;
        expect(group.length === maxCount || Number(bytes[index]) + next > maxBytes).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});
