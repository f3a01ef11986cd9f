import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { PublishCommand } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { CREDENTIALS } from "../../account";
import { LOGS, STS } from "../../supported-actions";
import { testSupportedActions } from "../supported-actions";

const GROUP = "/aws/lambda/local-event-processor";

let run: LocalRun;
let logs: CloudWatchLogsClient;
let sts: STSClient;

beforeAll(async () => {
  run = await LocalRun.start();
  const config = { endpoint: run.ready.endpoint, region: run.ready.region, credentials: CREDENTIALS };
  logs = new CloudWatchLogsClient(config);
  sts = new STSClient(config);
});

afterAll(async () => {
  logs.destroy();
  sts.destroy();
  expect(await run.stop()).toBe(0);
});

testSupportedActions(LOGS, {
  DescribeLogGroups: async () => {
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toContain(GROUP);
  },
  FilterLogEvents: async () => {
    const Message = "poison";
    const { MessageId } = await run.clients.sns.send(
      new PublishCommand({ TopicArn: run.output("topic_arn"), Message }),
    );
    await run.waitFor(({ kind, line }) => kind === "log" && JSON.stringify(line).includes(String(MessageId)));
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern: `"${MessageId}"` }),
    );
    expect(events?.map(({ message }) => message)).toContainEqual(expect.stringContaining("record refused"));
  },
});

testSupportedActions(STS, {
  GetCallerIdentity: async () => {
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Account).toBe("000000000000");
  },
});
