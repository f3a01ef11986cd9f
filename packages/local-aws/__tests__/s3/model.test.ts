import fc from "fast-check";
import { BucketModel, COMMAND } from "./model";
import { type RunningS3, startS3 } from "./start-s3";

let running: RunningS3;
beforeAll(async () => {
  running = await startS3();
});
afterAll(() => running.stop());

let buckets = 0;

test("agrees with a plain map of versions, after any commands", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(COMMAND, { maxLength: 15 }), async (commands) => {
      const bucket = `model-${++buckets}`;
      running.state.createBucket(bucket);
      const model = new BucketModel(bucket, async () => undefined);
      for (const command of commands) await model.run(running.s3, command);
      await model.check(running.s3);
    }),
    { numRuns: 40 },
  );
}, 120_000);
