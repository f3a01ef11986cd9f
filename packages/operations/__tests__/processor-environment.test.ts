import { awsError, fakePipeline } from "@event-pipeline/testing/fake-pipeline";
import { processorEnvironment } from "../processor-environment";

test.each<[string, object, object | undefined]>([
  ["variables", { Environment: { Variables: { TABLE_NAME: "t" } } }, { TABLE_NAME: "t" }],
  ["no variables", {}, {}],
  ["variables that Lambda cannot decrypt", { Environment: { Error: { ErrorCode: "AccessDenied" } } }, undefined],
])("a function with %s", async (_, answer, expected) => {
  expect(await processorEnvironment(fakePipeline(() => answer))).toEqual(expected);
});

test("a function that is not accessible", async () => {
  const denied = fakePipeline(() => {
    throw awsError("AccessDeniedException");
  });
  expect(await processorEnvironment(denied)).toBeUndefined();
});
