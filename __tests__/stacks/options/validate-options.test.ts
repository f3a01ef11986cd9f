import type { GivenStageOptions } from "../../../stacks/options/stage-options";
import { validateStageOptions } from "../../../stacks/options/validate-options";

const KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const ALARM_ARN = "arn:aws:sns:eu-central-1:123456789012:on-call";

function check(options: object): void {
  validateStageOptions({ ...options });
}

test("accepts the defaults", () => {
  expect(() => check({})).not.toThrow();
});

test.each<[string, GivenStageOptions, RegExp]>([
  [
    "an archive alarm within the buffering interval",
    { archiveBufferSeconds: 900, archiveFreshnessAlarmSeconds: 959 },
    /archiveFreshnessAlarmSeconds 959: expected at least 960/,
  ],
  ["a visibility timeout that is too short", { visibilityTimeoutSeconds: 59 }, /visibilityTimeoutSeconds 59.* 60/],
  [
    "a dead-letter queue with a shorter retention than the queue",
    { deadLetterRetentionDays: 4 },
    /deadLetterRetentionDays 4/,
  ],
  ["a queue with the maximum retention", { queueRetentionDays: 14 }, /queueRetentionDays 14.* 13/],
  ["a key in another region", { kmsKey: KEY_ARN }, /kmsKey .*arn:aws:kms:us-east-1:/],
  ["a former key in another region", { formerKmsKeys: [KEY_ARN] }, /formerKmsKeys\[0\] .*arn:aws:kms:us-east-1:/],
  ["no former keys", { formerKmsKeys: [] }, /formerKmsKeys \[\]/],
  ["an alias as a former key", { formerKmsKeys: ["alias/alice-events"] }, /formerKmsKeys \["alias\/alice-events"\]/],
  ["a topic in another region", { alarmTopicArn: ALARM_ARN }, /alarmTopicArn .*arn:aws:sns:us-east-1:/],
  [
    "a permissions boundary in another partition",
    { region: "us-gov-west-1", permissionsBoundary: "arn:aws:iam::aws:policy/x" },
    /permissionsBoundary .*arn:aws-us-gov:iam::/,
  ],
  [
    "a key in another partition",
    { region: "cn-north-1", kmsKey: "arn:aws:kms:cn-north-1:123456789012:key/11111111" },
    /kmsKey .*arn:aws-cn:/,
  ],
  ["a nested filter policy for attributes", { filterPolicy: { data: { a: ["b"] } } }, /filterPolicy .*"data"/],
  [
    "a filter policy with six keys",
    { filterPolicy: Object.fromEntries([..."abcdef"].map((key) => [key, ["x"]])) },
    /filterPolicy .* 6 .* 5/,
  ],
  [
    "a filter policy with too many combinations",
    {
      filterPolicy: { a: { b: Array.from({ length: 16 }, String) }, c: Array(10).fill("x") },
      filterPolicyScope: "MessageBody",
    },
    /filterPolicy .*320/,
  ],
  ["a large batch without a window", { batchSize: 11 }, /batchWindowSeconds 0 with batchSize 11/],
  ["encrypted logs without a key", { encryptLogs: true }, /encryptLogs true without kmsKey/],
  [
    "a maximum concurrency above the reserved concurrency",
    { maxConcurrency: 10, reservedConcurrency: 5 },
    /maxConcurrency 10.* 5/,
  ],
  ["a transition to GLACIER that is too early", { archiveGlacierDays: 59 }, /archiveGlacierDays 59.* 60/],
  ["an expiration before the last transition", { archiveExpiryDays: 90 }, /archiveExpiryDays 90/],
  ["a default that another option makes too small", { archiveStandardIaDays: 61 }, /archiveStandardIaDays 61/],
  ["a state bucket without a name", { stateBucket: "team-state" }, /EVENT_PIPELINE_NAME/],
  ["a state region without a bucket", { stateRegion: "eu-west-1" }, /stateRegion "eu-west-1"/],
  ["alarms without monitoring", { monitoring: false, alarmEmail: "ops@example.com" }, /monitoring false/],
  ["OK notifications without monitoring", { monitoring: false, okActions: true }, /monitoring false/],
  [
    "two destinations for alarms",
    { region: "eu-central-1", alarmEmail: "ops@example.com", alarmTopicArn: ALARM_ARN },
    /alarmEmail and alarmTopicArn/,
  ],
])("rejects %s", (_, options, message) => {
  expect(() => check(options)).toThrow(message);
});

const RESERVED = ["xn--abc", "sthree-abc", "sthree-configurator", "amzn-s3-demo-abc"].concat(
  ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].map((suffix) => `abc${suffix}`),
);

test.each([...RESERVED, "ab", "-abc", "abc-", "a.b.c", "abc-an", "acme-123456789012-us-west-2-an", "a".repeat(64)])(
  "rejects %s as the archive's bucket",
  (rawBucketName) => expect(() => check({ rawBucketName })).toThrow(/rawBucketName "/),
);

test.each([...RESERVED, "ab", "-abc", "abc-", ".abc", "a..b", "192.168.1.1", "Abc", "a_b", "a".repeat(64)])(
  "rejects %s as the state's bucket",
  (stateBucket) => expect(() => check({ name: "alice", stateBucket })).toThrow(/stateBucket "/),
);

test.each(["abc", "a.b.c", "a-b", "1.2.3", "192.168.1.1.a", "123", "acme-123456789012-us-west-2-an", "a".repeat(63)])(
  "accepts %s as the state's bucket",
  (stateBucket) => expect(() => check({ name: "alice", stateBucket })).not.toThrow(),
);

test.each(["abc", "ban", "a-and", "sthree", "a".repeat(63)])("accepts %s as the archive's bucket", (rawBucketName) =>
  expect(() => check({ rawBucketName })).not.toThrow(),
);

test.each([{ Owner: "a", owner: "b" }, { a: 1 }, { "": "a" }, { a: "{}" }, ["a"], { "AWS:x": "a" }])(
  "rejects the tags %j",
  (tags) => expect(() => check({ tags })).toThrow(/Invalid tags /),
);

test("reports every problem at once", () => {
  expect(() => check({ batchSize: 0, memorySizeMiB: 1 })).toThrow(/batchSize 0.*memorySizeMiB 1/s);
});

test("rejects an unknown option and lists the known ones", () => {
  expect(() => check({ batchsize: 5 })).toThrow(/batchsize\. .*batchSize/);
});
