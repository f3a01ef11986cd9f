import fc from "fast-check";
import { backoffMs, batchesOf, sendInBatches } from "../batching";

class RefusedRequest extends Error {}
const isRefusal = (error: unknown): error is Error => error instanceof RefusedRequest;

describe("batchesOf", () => {
  it("keeps all values in order and within the limits, in as few batches as possible", () => {
    const limits = fc.record({ maxCount: fc.integer({ min: 1, max: 10 }), maxBytes: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(fc.array(fc.nat(120)), limits, (sizes, { maxCount, maxBytes }) => {
        const batches = batchesOf(sizes, (size) => size, { maxCount, maxBytes });
        const bytes = batches.map((batch) => batch.reduce((sum, size) => sum + size, 0));
        expect(batches.flat()).toEqual(sizes);
        const fits = ({ length }: number[], size = 0) => length <= maxCount && (length === 1 || size <= maxBytes);
        expect(batches.filter((batch, index) => !fits(batch, bytes[index]))).toEqual([]);
        const isFull = ({ length }: number[], index: number) =>
          length === maxCount || Number(bytes[index]) + Number(batches[index + 1]?.[0]) > maxBytes;
        expect(batches.slice(0, -1).every(isFull)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("sendInBatches", () => {
  it.each([false, true])(
    "gives each value one outcome, for any responses from the service (sequential: %s)",
    async (isSequential) => {
      const values = fc.uniqueArray(fc.nat(200), { maxLength: 60 });
      const answers = fc.array(fc.oneof(fc.constant("throttled"), fc.array(fc.boolean(), { maxLength: 10 })), {
        maxLength: 6,
      });
      await fc.assert(
        fc.asyncProperty(values, answers, fc.integer({ min: 2, max: 20 }), async (list, script, modulus) => {
          const isBad = (value: number) => value % modulus === 1;
          const accepted: number[] = [];
          const { refused, unsent } = await sendInBatches(list, {
            limits: { maxCount: 10, maxBytes: 1_000 },
            bytesOf: (value) => value,
            isRefusal,
            isSequential,
            waitToRetry: async (retry) => retry < 3,
            send: async (batch) => {
              if (batch.some(isBad)) throw new RefusedRequest("bad value");
              const answer = script.shift() ?? [];
              if (typeof answer === "string") throw new Error(answer);
              const left = new Map(
                batch.filter((_, index) => answer[index]).map((value) => [value, new Error("busy")]),
              );
              accepted.push(...batch.filter((value) => !left.has(value)));
              return { unsent: left };
            },
          });
          expect([...refused.keys()].every(isBad)).toBe(true);
          expect([...accepted, ...refused.keys(), ...unsent.keys()].sort()).toEqual([...list].sort());
        }),
        { numRuns: 300 },
      );
    },
  );

  const single = { limits: { maxCount: 1, maxBytes: 1 }, bytesOf: () => 1, isRefusal };

  it("reports the requests and the last error of a value that was not sent", async () => {
    const errors = [new Error("first"), new Error("second")];
    const { unsent } = await sendInBatches(["a"], {
      ...single,
      waitToRetry: async (retry) => retry < 1,
      send: async () => Promise.reject(errors.shift()),
    });
    expect(unsent.get("a")).toEqual({ requests: 2, error: new Error("second") });
  });

  it("reports the last error from before the deadline", async () => {
    let requests = 0;
    const { unsent } = await sendInBatches(["a"], {
      ...single,
      waitToRetry: async () => true,
      isTimeUp: () => requests === 2,
      send: async () => {
        requests += 1;
        throw new Error(requests === 1 ? "throttled" : "cut off");
      },
    });
    expect(unsent.get("a")).toEqual({ requests: 2, error: new Error("throttled") });
  });

  it("throws an error that is not retryable", async () => {
    const sending = sendInBatches(["a"], {
      ...single,
      isRetryable: () => false,
      waitToRetry: async () => true,
      send: async () => Promise.reject(new Error("denied")),
    });
    await expect(sending).rejects.toThrow("denied");
  });
});

it.each([
  [0, 50],
  [1, 100],
  [5, 1_600],
  [6, 2_000],
  [1_000, 2_000],
])("backoffMs(%i) is below %i ms", (retry, limit) => {
  expect(backoffMs(retry, () => 0)).toBe(0);
  expect(backoffMs(retry, () => 0.5)).toBe(limit / 2);
  expect(Math.round(backoffMs(retry, () => 1 - Number.EPSILON))).toBe(limit);
  expect(backoffMs(retry)).toBeLessThan(limit);
});
