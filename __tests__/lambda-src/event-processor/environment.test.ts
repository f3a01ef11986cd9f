import { readEnvironment } from "../../../lambda-src/event-processor/environment";
import { EnvironmentError } from "../../../lambda-src/event-processor/errors";

const COMPLETE = { TABLE_NAME: "events", DEAD_LETTER_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/1/dlq" };

describe("readEnvironment", () => {
  it("keeps items for 90 days by default", () => {
    expect(readEnvironment(COMPLETE)).toEqual({
      tableName: "events",
      deadLetterQueueUrl: COMPLETE.DEAD_LETTER_QUEUE_URL,
      eventTtlDays: 90,
      logsRecords: true,
    });
    expect(readEnvironment({ ...COMPLETE, LOG_RECORDS: "false" }).logsRecords).toBe(false);
    expect(readEnvironment({ ...COMPLETE, EVENT_TTL_DAYS: "0" }).eventTtlDays).toBe(0);
    expect(readEnvironment({ ...COMPLETE, EVENT_TTL_DAYS: "36500" }).eventTtlDays).toBe(36_500);
  });

  it.each([
    "https://sqs.us-east-1.amazonaws.com/123456789012/events-dlq",
    "https://queue.amazonaws.com/123456789012/events-dlq",
    "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/events-dlq",
    "http://127.0.0.1:4566/000000000000/local-events-dlq",
    "http://sqs.us-east-1.localhost:4566/000000000000/local-events-dlq",
    "http://[::1]:4566/000000000000/local-events-dlq",
  ])("accepts the queue URL %s", (url) => {
    expect(readEnvironment({ ...COMPLETE, DEAD_LETTER_QUEUE_URL: url }).deadLetterQueueUrl).toBe(url);
  });

  it.each([
    [{ TABLE_NAME: undefined }, "TABLE_NAME is not set. Set it to"],
    [{ TABLE_NAME: "" }, "TABLE_NAME is not set. Set it to"],
    [{ DEAD_LETTER_QUEUE_URL: undefined }, "DEAD_LETTER_QUEUE_URL is not set. Set it to the URL"],
    [{ DEAD_LETTER_QUEUE_URL: "" }, "DEAD_LETTER_QUEUE_URL is not set. Set it to the URL"],
    [{ DEAD_LETTER_QUEUE_URL: "arn:aws:sqs:dlq" }, 'DEAD_LETTER_QUEUE_URL is "arn:aws:sqs:dlq". Set it to the URL'],
    [{ EVENT_TTL_DAYS: "90\n" }, "EVENT_TTL_DAYS is"],
    [{ LOG_RECORDS: "yes" }, 'LOG_RECORDS is "yes". Set it to true or false.'],
    [{ EVENT_TTL_DAYS: "" }, 'EVENT_TTL_DAYS is "". Set it to a whole number of days from 0'],
    [{ EVENT_TTL_DAYS: "-1" }, 'EVENT_TTL_DAYS is "-1"'],
    [{ EVENT_TTL_DAYS: "1.5" }, 'EVENT_TTL_DAYS is "1.5"'],
    [{ EVENT_TTL_DAYS: "36501" }, "to 36500."],
    [{ EVENT_TTL_DAYS: "7776000" }, 'EVENT_TTL_DAYS is "7776000"'],
  ])("%j: %s", (variables, message) => {
    const read = () => readEnvironment({ ...COMPLETE, ...variables });
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(message);
  });

  it.each([
    "https://",
    "http://",
    "https:///123456789012/dlq",
    "https://sqs.us-east-1.amazonaws.com",
    "https://sqs.us-east-1.amazonaws.com/",
    "https://sqs.us-east-1.amazonaws.com/123456789012/",
    "https://sqs.us-east-1.amazonaws.com/123456789012/dlq\n",
    " https://sqs.us-east-1.amazonaws.com/123456789012/dlq",
    "https://sqs.us-east-1.amazonaws.com/123456789012/d lq",
    "https://sqs.us-east-1.amazonaws.com:port/123456789012/dlq",
    "https://[/123456789012/dlq",
    "https://sqs.us-east-1.amazonaws.com/123456789012/dlq?x",
    "${aws_sqs_queue.dlq.url}",
  ])("refuses the URL %j", (url) => {
    const read = () => readEnvironment({ ...COMPLETE, DEAD_LETTER_QUEUE_URL: url });
    expect(read).toThrow(`DEAD_LETTER_QUEUE_URL is "${url}". Set it to the URL`);
  });

  it.each(["ev", "events table", "events\n", "e".repeat(256), "arn:aws:dynamodb:us-east-1:123456789012:table/events"])(
    "refuses the table name %j",
    (name) => {
      expect(() => readEnvironment({ ...COMPLETE, TABLE_NAME: name })).toThrow(
        `TABLE_NAME is "${name}". Set it to the name`,
      );
    },
  );
});
