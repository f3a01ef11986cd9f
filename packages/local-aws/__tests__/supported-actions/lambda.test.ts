import { InvokeCommand, type InvokeCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { storedIds } from "@event-pipeline/testing/kept-events";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { CREDENTIALS } from "../../account";
import { LAMBDA } from "../../supported-actions";
import { testSupportedActions } from "../supported-actions";

const FunctionName = "local-event-processor";

let run: LocalRun;
let lambda: LambdaClient;

beforeAll(async () => {
  run = await LocalRun.start();
  const { endpoint, region } = run.ready;
  lambda = new LambdaClient({ endpoint, region, credentials: CREDENTIALS });
});

afterAll(async () => {
  lambda.destroy();
  expect(await run.stop()).toBe(0);
});

const invoke = (input: Partial<InvokeCommandInput>) => lambda.send(new InvokeCommand({ FunctionName, ...input }));
const payloadOf = ({ Payload }: { Payload?: Uint8Array }) => JSON.parse(Buffer.from(Payload ?? "").toString());

testSupportedActions(LAMBDA, {
  Invoke: async () => {
    const record = recordOfEvent({ type: "by.hand", id: "invoked" });
    const answer = await invoke({ Payload: JSON.stringify({ Records: [record] }), LogType: "Tail" });
    expect([answer.StatusCode, answer.FunctionError, payloadOf(answer)]).toEqual([
      200,
      undefined,
      { batchItemFailures: [] },
    ]);
    expect(Buffer.from(answer.LogResult ?? "", "base64").toString()).toContain("batch processed");
    expect(await storedIds(run)).toEqual(new Set(["invoked"]));
  },
});

test("what the handler throws is told as its error", async () => {
  const answer = await invoke({ Payload: "{}" });
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  expect(payloadOf(answer)).toMatchObject({ errorType: "TypeError", errorMessage: expect.any(String) });
});

test.each([
  ["its ARN", `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`],
  ["a part of its ARN", `000000000000:function:${FunctionName}`],
  ["its version", `${FunctionName}:$LATEST`],
])("a function is found by %s", async (_what, name) => {
  expect(await invoke({ FunctionName: name, InvocationType: "DryRun" })).toMatchObject({ StatusCode: 204 });
});

test.each([
  ["a function that is not there", { FunctionName: "no-such-function" }, 404, "ResourceNotFoundException"],
  ["what names no function", { FunctionName: "%" }, 404, "ResourceNotFoundException"],
  ["a version that is not there", { Qualifier: "7" }, 404, "ResourceNotFoundException"],
  ["no JSON", { Payload: "{" }, 400, "InvalidRequestContentException"],
  ["another way to invoke", { InvocationType: "Later" as "Event" }, 400, "InvalidParameterValueException"],
  ["a context that no handler sees", { ClientContext: "e30=" }, 501, "UnknownOperationException"],
])("%s is refused", async (_what, input, status, name) => {
  await expect(invoke(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
});
