import { backoffMs } from "../backoff";

const most = 1 - Number.EPSILON;

it.each([
  [0, 50],
  [1, 100],
  [5, 1_600],
  [6, 2_000],
  [1_000, 2_000],
])("before retry %i waits anything up to %i ms", (retry, bound) => {
  expect(backoffMs(retry, () => 0)).toBe(0);
  expect(backoffMs(retry, () => 0.5)).toBe(bound / 2);
  expect(Math.round(backoffMs(retry, () => most))).toBe(bound);
  expect(backoffMs(retry)).toBeLessThan(bound);
});
