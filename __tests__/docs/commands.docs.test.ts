import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { EXAMPLE_EVENTS, stageWith } from "@event-pipeline/testing/synthesized";
import { requireTools } from "@event-pipeline/testing/tools";
import { type DocCommand, isSetup } from "../helpers/doc-commands";
import { commands, ofTool, shell } from "./documented-commands";

describe("commands of the AWS CLI work against the local run", () => {
  let run: LocalRun;
  let stored: string;
  let refused: string;
  /** Folder for files that commands write. */
  const folder = mkdtempSync(join(tmpdir(), "docs-"));

  beforeAll(async () => {
    requireTools(["aws"], { by: "test:docs" });
    const stack = stackFolder(() => undefined, stageWith({ eventIdIndex: true }), EXAMPLE_EVENTS);
    // As npm start does.
    run = await LocalRun.start("--delivery", "ordered", "--stack-folder", stack);
    const publish = async (Message: string) => {
      const { MessageId } = await run.clients.sns.send(
        new PublishCommand({ TopicArn: run.output("topic_arn"), Message }),
      );
      return String(MessageId);
    };
    stored = await publish('{"type":"scan.done","id":"scan-1","time":"2026-01-02T03:04:05Z"}');
    const finding = '"type":"finding.new","severity":"high","title":"Test Finding"';
    const others = [
      await publish(`{${finding},"id":"high","time":"2026-01-02T03:10:00Z"}`),
      // A DynamoDB map cannot hold this number.
      await publish(`{${finding},"id":"text","time":"2026-01-02T03:11:00Z","reading":1e400}`),
    ];
    refused = await publish("poison");
    for (const id of [...others, refused]) await run.waitForHop(id, "archived");
    for (const id of others) await run.waitForHop(id, "stored");
    await run.waitForHop(stored, "archived");
    await run.waitForHop(stored, "stored");
    await run.waitForHop(refused, "processed");
    await run.waitFor(({ kind, line }) => kind === "log" && JSON.stringify(line).includes(refused));
  });

  afterAll(async () => {
    expect(await run.stop()).toBe(0);
  });

  /** Replaces the documents' placeholders. */
  const filledIn = (text: string, messageId: string) =>
    text
      .replaceAll("http://127.0.0.1:4566", run.ready.endpoint)
      .replaceAll("{name}", "local")
      .replaceAll("REGION", run.ready.region)
      .replaceAll("ACCOUNT", "000000000000")
      .replaceAll("MESSAGE_ID", messageId);

  /** Returns the documented lines that set up the shell for the local run. */
  const setup = () =>
    commands
      .filter((command) => isSetup(command) && !command.awsOnly)
      .map(({ text }) => text.replace("http://127.0.0.1:4566", run.ready.endpoint))
      .join("\n");

  const json = (matches: object) => (stdout: string) => expect(JSON.parse(stdout)).toMatchObject(matches);

  /** The expected result of each command, and the message that it is about. */
  const expectations: readonly [pattern: RegExp, of: "stored" | "refused", check: (stdout: string) => void][] = [
    [/^aws sns publish /, "stored", json({ MessageId: expect.stringMatching(/^[\w-]{36}$/) })],
    [/^aws dynamodb scan --table-name \S+$/, "stored", json({ Items: expect.arrayContaining([expect.anything()]) })],
    [/^aws dynamodb scan .*:m/, "stored", (stdout) => json({ Items: [{ message_id: { S: stored } }] })(stdout)],
    [/^aws dynamodb scan .*event_id/, "stored", json({ Items: [{ event_id: { S: "scan-1" } }] })],
    [/^aws dynamodb query .*(?:scan\.done|event-id)/, "stored", json({ Items: [{ event_id: { S: "scan-1" } }] })],
    [/^aws dynamodb query .*:severity/, "stored", json({ Items: [{ event_id: { S: "high" } }] })],
    [/^aws dynamodb query .*data_encoding/, "stored", json({ Items: [{ event_id: { S: "text" } }] })],
    [/^aws dynamodb query .*COUNT/, "stored", (stdout) => expect(JSON.parse(stdout).Count).toBeGreaterThanOrEqual(2)],
    [/^aws s3 cp --recursive /, "stored", (stdout) => expect(stdout).toContain("download: ")],
    [
      /^find archive /,
      "stored",
      (stdout) =>
        expect(JSON.parse(stdout)).toMatchObject({ "scan.done": 1, "finding.new": expect.any(Number), "(poison)": 1 }),
    ],
    [/^aws s3 ls --recursive /, "stored", (stdout) => expect(stdout).toMatch(/ raw\/year=\d{4}\/.*\.gz$/m)],
    [
      /^aws sqs receive-message .*-dlq/,
      "refused",
      json({ Messages: [{ MessageAttributes: { error_code: { StringValue: "NOT_JSON" } } }] }),
    ],
    [
      /^aws logs filter-log-events .*MESSAGE_ID/,
      "refused",
      json({
        events: expect.arrayContaining([
          expect.objectContaining({ message: expect.stringContaining("record refused") }),
        ]),
      }),
    ],
    // These come last: the first removes the message from the dead-letter queue that the others read.
    [/^aws sqs start-message-move-task /, "refused", json({ TaskHandle: expect.stringMatching(/^\S+$/) })],
    [
      /^aws sqs list-message-move-tasks /,
      "refused",
      json({ Results: [{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }] }),
    ],
  ];
  const order = ({ text }: DocCommand) => expectations.findIndex(([pattern]) => pattern.test(text));

  const isName = ({ text }: DocCommand) => /^aws \S+ \S+$/.test(text);
  const whole = [...ofTool("aws"), ...ofTool("find")].filter((command) => !isName(command));

  test("each has an expectation here, or is marked as AWS only", () => {
    expect(whole.filter((command) => order(command) === -1 && !command.awsOnly)).toEqual([]);
    for (const { text } of ofTool("aws").filter(isName)) {
      expect(whole.map((command) => command.text)).toContainEqual(expect.stringMatching(`^${text} `));
    }
  });

  const local = whole.filter(({ awsOnly }) => !awsOnly).sort((a, b) => order(a) - order(b));

  test.each(local)("$text ($file)", async (command) => {
    const [, of, check] = expectations[order(command)] ?? [];
    const text = filledIn(command.text, of === "refused" ? refused : stored);
    const { stdout } = await shell(`${setup()}\n${text}`, folder);
    check?.(stdout);
  });
});
