import { runCli } from "@event-pipeline/testing/run-cli";
import { EXIT_CODES } from "../action";
import { EXIT_CODES as DOCUMENTED } from "./faults/exit-codes";

const inOrder = (codes: readonly number[]) => [...codes].sort((one, other) => one - other);

test("docs/operations.md and --help have every exit code", async () => {
  const codes = inOrder(Object.values(EXIT_CODES));
  expect(inOrder(DOCUMENTED)).toEqual(codes);
  const { stdout } = await runCli(["--help"]);
  const [, line = ""] = stdout.split("\nExit codes: ");
  expect(inOrder([...line.matchAll(/\b\d+\b/g)].map(Number))).toEqual(codes);
});
