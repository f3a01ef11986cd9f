import { checkedStageOptions } from "../../../stacks/options/checked-options";
import type { GivenStageOptions } from "../../../stacks/options/stage-options";

const KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const ALARM_ARN = "arn:aws:sns:eu-central-1:123456789012:on-call";

function check(options: object): void {
  checkedStageOptions({ ...options });
}

test("the defaults are valid", () => {
  expect(() => check({})).not.toThrow();
});

test.each<[string, GivenStageOptions, RegExp]>([
  ["a short visibility timeout", { visibilityTimeoutSeconds: 59 }, /at least 60, 6 × timeoutSeconds/],
  ["a dead-letter queue that forgets first", { deadLetterRetentionDays: 4 }, /must keep messages longer/],
  ["a queue that keeps as long as any can", { queueRetentionDays: 14 }, /days from 1 to 13/],
  ["a key of another region", { kmsKey: KEY_ARN }, /kmsKey is .* of the pipeline's region, us-east-1/],
  ["a former key of another region", { formerKmsKeys: [KEY_ARN] }, /formerKmsKeys\[0\] is .* region, us-east-1/],
  ["no former keys", { formerKmsKeys: [] }, /formerKmsKeys is \[\]. It must be a list of ARNs of keys/],
  ["an alias as a former key", { formerKmsKeys: ["alias/alice-events"] }, /It must be a list of ARNs of keys/],
  ["a topic of another region", { alarmTopicArn: ALARM_ARN }, /alarmTopicArn is .* region, us-east-1/],
  [
    "a boundary of another partition",
    { region: "us-gov-west-1", permissionsBoundary: "arn:aws:iam::aws:policy/x" },
    /begin with arn:aws-us-gov:iam::/,
  ],
  [
    "a key of another partition",
    { region: "cn-north-1", kmsKey: "arn:aws:kms:cn-north-1:123456789012:key/11111111" },
    /begin with arn:aws-cn:/,
  ],
  [
    "a filter policy that nests on attributes",
    { filterPolicy: { data: { a: ["b"] } } },
    /filterPolicy nests under data/,
  ],
  [
    "a filter policy of six keys",
    { filterPolicy: Object.fromEntries([..."abcdef"].map((key) => [key, ["x"]])) },
    /filterPolicy has 6 keys\. SNS allows 5/,
  ],
  [
    "a filter policy of too many combinations",
    {
      filterPolicy: { a: { b: Array.from({ length: 16 }, String) }, c: Array(10).fill("x") },
      filterPolicyScope: "MessageBody",
    },
    /320 combinations/,
  ],
  ["a large batch without a window", { batchSize: 11 }, /window of at least 1 second/],
  ["logs under a key that there is not", { encryptLogs: true }, /encryptLogs is true without a kmsKey/],
  ["more concurrency than is reserved", { maxConcurrency: 10, reservedConcurrency: 5 }, /must not ask for more/],
  ["a hasty move to GLACIER", { archiveGlacierDays: 59 }, /set archiveGlacierDays to 60 or more/],
  ["an expiry before the last move", { archiveExpiryDays: 90 }, /still move to another class after 90 days/],
  ["a state bucket without a name", { stateBucket: "team-state" }, /set name, or EVENT_PIPELINE_NAME/],
  ["a state region without a bucket", { stateRegion: "eu-west-1" }, /without a stateBucket/],
  ["alarms without monitoring", { monitoring: false, alarmEmail: "ops@example.com" }, /nothing would ever alarm/],
  ["telling that alarms are over without any", { monitoring: false, okActions: true }, /nothing would ever alarm/],
  [
    "two places for alarms",
    { region: "eu-central-1", alarmEmail: "ops@example.com", alarmTopicArn: ALARM_ARN },
    /both set/,
  ],
])("%s is refused", (_, options, message) => {
  expect(() => check(options)).toThrow(message);
});

const RESERVED = ["xn--abc", "sthree-abc", "sthree-configurator", "amzn-s3-demo-abc"].concat(
  ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].map((suffix) => `abc${suffix}`),
);

test.each([...RESERVED, "ab", "-abc", "abc-", "a.b.c", "abc-an", "acme-123456789012-us-west-2-an", "a".repeat(64)])(
  "%s is no name for the archive's bucket",
  (rawBucketName) => expect(() => check({ rawBucketName })).toThrow(/rawBucketName is .* It must be 3 to 63/),
);

test.each([...RESERVED, "ab", "-abc", "abc-", ".abc", "a..b", "192.168.1.1", "Abc", "a_b", "a".repeat(64)])(
  "%s is no name for the state's bucket",
  (stateBucket) => expect(() => check({ name: "alice", stateBucket })).toThrow(/stateBucket is .* It must be/),
);

test.each(["abc", "a.b.c", "a-b", "1.2.3", "192.168.1.1.a", "123", "acme-123456789012-us-west-2-an", "a".repeat(63)])(
  "%s may be the state's bucket",
  (stateBucket) => expect(() => check({ name: "alice", stateBucket })).not.toThrow(),
);

test.each(["abc", "ban", "a-and", "sthree", "a".repeat(63)])("%s may be the archive's bucket", (rawBucketName) =>
  expect(() => check({ rawBucketName })).not.toThrow(),
);

test.each([{ Owner: "a", owner: "b" }, { a: 1 }, { "": "a" }, { a: "{}" }, ["a"], { "AWS:x": "a" }])(
  "%j are no tags",
  (tags) => expect(() => check({ tags })).toThrow(/tags is .* It must be an object of at most 48 tags/),
);

test("every problem is told at once", () => {
  expect(() => check({ batchSize: 0, memorySizeMiB: 1 })).toThrow(/batchSize is 0.*memorySizeMiB is 1/s);
});

test("an unknown key is named with those that exist", () => {
  expect(() => check({ batchsize: 5 })).toThrow(/There is no option batchsize\. There are: .*batchSize/);
});
