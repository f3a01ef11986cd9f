import { setTimeout as sleep } from "node:timers/promises";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { clientsFor } from "../clients";
import { isMachineClock, MACHINE_CLOCK, RunningClock, SteppedClock } from "../clock";
import { startLocalAws } from "../local-aws";

/** Twenty-five days, which Node.js's timers cannot wait. */
const LONG_MS = 25 * 24 * 3_600_000;

const TWO_HOURS_MS = 2 * 3_600_000;

describe("RunningClock", () => {
  test("runs faster than the machine's clock by its factor", async () => {
    const clock = new RunningClock(1_000);
    const [machineStart, start] = [performance.now(), clock.now()];
    await sleep(20);
    const [passed, machinePassed] = [clock.now() - start, performance.now() - machineStart];
    // The machine's clock has whole milliseconds.
    expect(passed).toBeGreaterThanOrEqual(18_000);
    expect(passed / 1_000).toBeLessThanOrEqual(machinePassed + 2);
  });

  test("calls back when the time has come, and never earlier", async () => {
    for (const clock of [MACHINE_CLOCK, new RunningClock(7.5)]) {
      const early: number[] = [];
      const waits = Array.from({ length: 200 }, (_, index) => (index % 40) / 3);
      await Promise.all(
        waits.map(
          (ms) =>
            new Promise<void>((resolve) => {
              const due = clock.now() + ms;
              clock.after(ms, () => {
                if (clock.now() < due) early.push(due - clock.now());
                resolve();
              });
            }),
        ),
      );
      expect(early).toEqual([]);
    }
  });

  test("waits longer than Node.js's timers can", async () => {
    jest.useFakeTimers();
    try {
      const callback = jest.fn();
      const clock = new RunningClock();
      clock.after(LONG_MS, callback);
      const canceled = jest.fn();
      const cancel = clock.after(LONG_MS, canceled);
      jest.advanceTimersByTime(LONG_MS - 1);
      cancel();
      expect(callback).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(callback).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(LONG_MS);
      expect([callback.mock.calls.length, canceled.mock.calls.length]).toEqual([1, 0]);
    } finally {
      jest.useRealTimers();
    }
  });

  describe("when the machine's clock is set", () => {
    const machineNow = Date.now;
    const setBy = (ms: number) => jest.spyOn(Date, "now").mockImplementation(() => machineNow() + ms);
    afterEach(() => jest.restoreAllMocks());

    test.each([1, 60])("never goes back, and calls back in time, with the factor %p", async (factor) => {
      const clock = new RunningClock(factor);
      const [machineStart, start] = [performance.now(), clock.now()];
      const fired = new Promise<void>((resolve) => clock.after(30 * factor, resolve));
      setBy(-TWO_HOURS_MS);
      await fired;
      const passed = (clock.now() - start) / factor;
      expect(passed).toBeGreaterThanOrEqual(30);
      expect(passed).toBeLessThanOrEqual(performance.now() - machineStart + 2);
      expect(isMachineClock(clock)).toBe(false);
    });

    test("follows a machine that was set forward, or that slept", () => {
      const clock = new RunningClock();
      setBy(TWO_HOURS_MS);
      expect(Math.abs(clock.now() - Date.now())).toBeLessThan(5);
      expect(isMachineClock(clock)).toBe(true);
    });

    test("a received message becomes visible again in time", async () => {
      const aws = await startLocalAws();
      const { sqs } = clientsFor(aws.endpoint, aws.region);
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "queue" }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
      const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 1 }));
      expect(received.Messages).toHaveLength(1);
      setBy(-TWO_HOURS_MS);
      const again = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
      expect(again.Messages?.map(({ Body }) => Body)).toEqual(["hello"]);
      await aws.stop();
    });
  });

  test.each([1, 60])("continues from a later time only, with the factor %p", (factor) => {
    const clock = new RunningClock(factor);
    const later = clock.now() + TWO_HOURS_MS;
    clock.continueFrom(later);
    clock.continueFrom(0);
    expect(clock.now() - later).toBeGreaterThanOrEqual(0);
    expect(clock.now() - later).toBeLessThan(1_000 * factor);
    expect(isMachineClock(clock)).toBe(false);
  });

  test("calls back asynchronously, even after no time", async () => {
    const callback = jest.fn();
    MACHINE_CLOCK.after(-1, callback);
    expect(callback).not.toHaveBeenCalled();
    await sleep(5);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("rejects the factor %p", (factor) => {
    expect(() => new RunningClock(factor)).toThrow(/^Invalid factor/);
  });
});

describe("SteppedClock", () => {
  test("stands still, and fires timers in the order of their times, then of their setting", async () => {
    const delays = fc.array(fc.integer({ min: -5, max: 50 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(delays, fc.array(fc.nat(40), { maxLength: 5 }), async (waits, steps) => {
        const clock = new SteppedClock(1_000);
        const fired: { index: number; at: number }[] = [];
        for (const [index, ms] of waits.entries()) clock.after(ms, () => fired.push({ index, at: clock.now() }));
        expect(fired).toEqual([]);
        for (const step of steps) await clock.advance(step);
        const total = steps.reduce((sum, step) => sum + step, 0);
        expect(clock.now()).toBe(1_000 + total);
        const expected = waits
          .map((ms, index) => ({ index, at: 1_000 + Math.max(0, ms) }))
          .filter(({ at }) => steps.length > 0 && at <= 1_000 + total)
          .sort((a, b) => a.at - b.at);
        expect(fired).toEqual(expected);
      }),
    );
  });

  test("fires timers that timers set, at their times, and no canceled ones", async () => {
    const clock = new SteppedClock(0);
    const fired: number[] = [];
    const tick = () => {
      fired.push(clock.now());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    const cancel = clock.after(35, () => fired.push(-1));
    clock.after(30, cancel);
    await clock.advance(45);
    expect(fired).toEqual([10, 20, 30, 40]);
  });

  test("lets the work of a timer continue before it fires the next", async () => {
    const clock = new SteppedClock(0);
    const seen: number[] = [];
    clock.after(10, () => setImmediate(() => seen.push(clock.now())));
    clock.after(20, () => undefined);
    await clock.advance(20);
    expect(seen).toEqual([10]);
  });

  test("passes 14 days with 10,000 timers in seconds", async () => {
    const clock = new SteppedClock(0);
    let fired = 0;
    for (let index = 0; index < 10_000; index++) clock.after(index * 120_000, () => fired++);
    await clock.advance(14 * 24 * 3_600_000);
    expect(fired).toBe(10_000);
  });
});
