// Changes of the synthesized stack while a run uses it.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetFunctionConfigurationCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { PublishCommand } from "@aws-sdk/client-sns";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { storedItems } from "@event-pipeline/testing/stored-events";
import { orderContract, SynthesizedStage } from "@event-pipeline/testing/synthesized-stage";
import { expectCorrectedContractInUse } from "./corrected-contract";

test("a corrected contract is in use without a restart", () => expectCorrectedContractInUse());

test("the first contract, the removal of all contracts, and a stack that cannot be read", async () => {
  const stage = new SynthesizedStage();
  stage.synth();
  const run = await LocalRun.start("--stack-folder", stage.folder);
  const { endpoint, region } = run.ready;
  const lambda = new LambdaClient({ endpoint, region, credentials: CREDENTIALS });
  const outcome = async (amount: number) => {
    const Message = JSON.stringify({ type: "order.placed", amount });
    const { MessageId = "" } = await run.clients.sns.send(
      new PublishCommand({ TopicArn: run.output("topic_arn"), Message }),
    );
    await run.until(() => ["stored", "dead-lettered"].some((kind) => run.idsOf(kind as "stored").has(MessageId)));
    return run.idsOf("stored").has(MessageId) ? "stored" : "refused";
  };
  const configuration = () =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: run.output("function_name") }));
  const hash = async () => (await configuration()).Environment?.Variables?.CONTRACTS_HASH;
  const notes = () => run.lines.filter(({ kind }) => kind === "note").length;
  const modified = async () => (await configuration()).LastModified;

  expect([await outcome(1), await hash()]).toEqual(["stored", undefined]);
  const created = await modified();
  stage.synth(orderContract(10));
  expect([await outcome(1), await outcome(10)]).toEqual(["refused", "stored"]);
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  expect(Functions.flatMap(({ Environment }) => Environment?.Variables?.CONTRACTS_HASH ?? [])).toEqual([await hash()]);
  const changed = await modified();
  expect(changed).not.toBe(created);

  const noted = notes();
  for (const breakStack of [
    () => writeFileSync(join(stage.folder, "cdk.tf.json"), "{"),
    () => rmSync(join(stage.folder, "cdk.tf.json")),
  ]) {
    breakStack();
    expect([await outcome(1), await outcome(1)]).toEqual(["refused", "refused"]);
  }
  expect(notes() - noted).toBe(2);
  // A synth without a change keeps the function as it is.
  stage.synth(orderContract(10));
  expect([await outcome(1), await modified(), notes() - noted]).toEqual(["refused", changed, 2]);

  stage.synth();
  expect([await outcome(1), await hash()]).toEqual(["stored", undefined]);
  expect((await storedItems(run)).size).toBe(3);
  lambda.destroy();
  expect(await run.stop()).toBe(0);
});
