import { Deadline } from "../../../lambda-src/event-processor/deadline";

describe("Deadline", () => {
  it.each([
    [60_000, 59_000],
    [10_000, 9_000],
    [3_000, 2_400],
    [1_000, 800],
    [0, 0],
  ])("of %i ms leaves %i ms with the reserve", (ms, expected) => {
    const remainingMs = Deadline.in(ms).withReserve().remainingMs();
    expect(remainingMs).toBeLessThanOrEqual(expected);
    expect(remainingMs).toBeGreaterThanOrEqual(expected - 20);
  });

  it("waits only where there is time", async () => {
    const deadline = Deadline.in(100);
    expect(await deadline.wait(10)).toBe(true);
    expect(deadline.remainingMs()).toBeLessThan(92);
    const start = performance.now();
    expect(await deadline.wait(1_000)).toBe(false);
    expect(performance.now() - start).toBeLessThan(20);
    expect(await Deadline.in(-5).wait(0)).toBe(false);
  });

  it("aborts what is under way", async () => {
    const signal = Deadline.in(20).signal();
    expect(signal.aborted).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(signal.aborted).toBe(true);
  });
});
