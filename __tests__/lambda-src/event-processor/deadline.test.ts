import fc from "fast-check";
import { Deadline } from "../../../lambda-src/event-processor/deadline";

describe("Deadline", () => {
  it.each([
    [60_000, 59_000],
    [10_000, 9_000],
    [3_000, 2_400],
    [1_000, 800],
    [0, 0],
    [60_000, 58_000, 256],
    [10_000, 6_000, 128],
    [10_000, 9_000, 1_024],
    [1_000, 600, 128],
  ])("shortens %i ms to %i ms by the reserve", (ms, expected, memoryMiB = 512) => {
    const remainingMs = Deadline.in(ms, memoryMiB).withReserve().remainingMs();
    expect(remainingMs).toBeLessThanOrEqual(expected);
    expect(remainingMs).toBeGreaterThanOrEqual(expected - 300);
  });

  it("is never later than Lambda's longest timeout, for any time and memory", () => {
    const odd = fc.oneof(
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 2 ** 31, 2 ** 32, 2 ** 53),
    );
    fc.assert(
      fc.property(odd, odd, (ms, memoryMiB) => {
        const deadline = Deadline.in(ms, memoryMiB).withReserve();
        expect(deadline.remainingMs()).toBeGreaterThanOrEqual(0);
        expect(deadline.remainingMs()).toBeLessThanOrEqual(900_000);
        expect(deadline.signal().aborted).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("treats an unknown time as Lambda's shortest timeout, and unknown memory as enough", () => {
    expect(Deadline.in(Number.NaN).remainingMs()).toBeGreaterThan(500);
    expect(Deadline.in(Number.NaN).remainingMs()).toBeLessThanOrEqual(1_000);
    for (const memoryMiB of [Number.NaN, 0, -1]) {
      expect(Deadline.in(60_000, memoryMiB).withReserve().remainingMs()).toBeGreaterThan(58_500);
    }
  });

  it("waits only if there is enough time", async () => {
    const deadline = Deadline.in(3_000);
    expect(await deadline.wait(10)).toBe(true);
    expect(deadline.remainingMs()).toBeLessThan(2_992);
    expect(await deadline.wait(3_600_000)).toBe(false);
    expect(await Deadline.in(-5).wait(0)).toBe(false);
  });

  it("aborts work in progress", async () => {
    const signal = Deadline.in(300).signal();
    expect(signal.aborted).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(signal.aborted).toBe(true);
  });
});
