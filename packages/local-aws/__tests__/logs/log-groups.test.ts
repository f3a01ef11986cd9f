import fc from "fast-check";
import { MACHINE_CLOCK } from "../../clock";
import { LogGroup } from "../../logs/log-group";

test("keeps the last 10,000 lines, up to 16 MiB", () => {
  const line = fc.record({
    count: fc.integer({ min: 1, max: 6_000 }),
    bytes: fc.constantFrom(1, 100, 5_000, 3_000_000),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const group = new LogGroup("name", "arn", MACHINE_CLOCK);
      let put = 0;
      for (const { count, bytes } of lines) {
        const message = "x".repeat(bytes);
        for (let index = 0; index < Math.min(count, 40_000_000 / bytes); index++, put++) group.put(message);
      }
      const { events, storedBytes } = group;
      expect(storedBytes).toBe(events.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(events.length).toBeLessThanOrEqual(10_000);
      expect(storedBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
      // The group has the last lines without a gap, and has dropped no more than necessary.
      const [first] = events;
      expect(first?.sequence ?? 1).toBe(put - events.length + 1);
      expect(events.at(-1)?.sequence ?? 0).toBe(put);
      if (put > events.length && events.length < 10_000)
        expect(storedBytes).toBeGreaterThan(16 * 1024 * 1024 - 3_000_026);
    }),
    { numRuns: 20 },
  );
});
