import { RateMeter } from "../../page/rate-meter";

test("averages the rate over five seconds, and returns 0 after five seconds without events", () => {
  const meter = new RateMeter<"stored">();
  expect(meter.rate("stored")).toBe(0);
  for (let second = 0; second <= 10; second += 1) meter.add({ stored: second * 100 }, second * 1_000);
  expect(meter.rate("stored")).toBe(100);
  for (let second = 11; second <= 17; second += 1) meter.add({ stored: 1_000 }, second * 1_000);
  expect(meter.rate("stored")).toBe(0);
});
