import { stageWith, synthStackText } from "@event-pipeline/testing/synthesized";
import fc from "fast-check";
import { CONSUMER_SHAPE } from "../../../stacks/options/consumer";
import { InvalidOptionsError } from "../../../stacks/options/invalid-options-error";
import type { GivenStageOptions } from "../../../stacks/options/stage-options";
import { validateStageOptions } from "../../../stacks/options/validate-options";

type Arbitraries = { readonly [K in keyof Required<GivenStageOptions>]: fc.Arbitrary<GivenStageOptions[K]> };

const REGION = "eu-central-1";
const days = (min: number) => fc.oneof(fc.constant(0), fc.integer({ min, max: 36_500 }));
const accounts = fc.array(fc.constantFrom("123456789012", "210987654321"), { minLength: 1, maxLength: 2 });
const name = fc.stringMatching(/^[a-z][a-z0-9]{1,39}$/);

/** The type requires an arbitrary for every option. */
const ARBITRARIES: Arbitraries = {
  name,
  region: fc.constant(REGION),
  tags: fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,9}$/), fc.stringMatching(/^[a-z /=+@.:-]{0,20}$/), {
    maxKeys: 3,
  }),
  assumeRoleArn: fc.constant("arn:aws:iam::123456789012:role/deploy"),
  allowedAccountIds: accounts,
  emulator: fc.boolean(),
  awsProviderVersion: fc.constantFrom("6.19.0", "6.66.0", "7.0.0"),
  stateBucket: fc.constant("team-state"),
  stateRegion: fc.constant("eu-west-1"),
  batchSize: fc.integer({ min: 1, max: 10_000 }),
  batchWindowSeconds: fc.integer({ min: 0, max: 300 }),
  timeoutSeconds: fc.integer({ min: 1, max: 900 }),
  memorySizeMiB: fc.integer({ min: 128, max: 10_240 }),
  architecture: fc.constantFrom("arm64", "x86_64"),
  maxConcurrency: fc.integer({ min: 2, max: 1_000 }),
  reservedConcurrency: fc.integer({ min: 2, max: 1_000 }),
  maxReceiveCount: fc.integer({ min: 1, max: 1_000 }),
  visibilityTimeoutSeconds: fc.integer({ min: 0, max: 43_200 }),
  filterPolicy: fc.dictionary(fc.string({ minLength: 1 }), fc.array(fc.string(), { minLength: 1, maxLength: 2 }), {
    minKeys: 1,
    maxKeys: 3,
  }),
  filterPolicyScope: fc.constantFrom("MessageAttributes", "MessageBody"),
  oldestMessageAlarmSeconds: fc.integer({ min: 60, max: 1_209_600 }),
  errorsAlarmCount: fc.nat(1_000_000),
  throttlesAlarmCount: fc.nat(1_000_000),
  eventTtlDays: fc.nat(36_500),
  eventIdIndex: fc.boolean(),
  queueRetentionDays: fc.integer({ min: 1, max: 13 }),
  deadLetterRetentionDays: fc.integer({ min: 1, max: 14 }),
  logRetentionDays: fc.constantFrom(1, 14, 3653),
  retainData: fc.boolean(),
  rawBucketName: fc.constant("acme-events"),
  archiveStandardIaDays: days(30),
  archiveGlacierDays: days(1),
  archiveExpiryDays: days(1),
  kmsKey: fc.constantFrom("create", `arn:aws:kms:${REGION}:123456789012:key/1111`),
  formerKmsKeys: fc.constant([`arn:aws:kms:${REGION}:123456789012:key/2222`]),
  encryptLogs: fc.boolean(),
  publisherAccounts: accounts,
  publisherOrganization: fc.constant("o-a1b2c3d4e5"),
  publisherServices: fc.constantFrom(["s3.amazonaws.com"], ["events.amazonaws.com", "s3.amazonaws.com"]),
  rolePath: fc.constant("/teams/"),
  permissionsBoundary: fc.constant("arn:aws:iam::123456789012:policy/boundary"),
  monitoring: fc.boolean(),
  alarmEmail: fc.constantFrom("ops@example.com", "${var.name}@example.com"),
  alarmTopicArn: fc.constant(`arn:aws:sns:${REGION}:123456789012:on-call`),
  okActions: fc.boolean(),
  writeThrottlesAlarmCount: fc.nat(1_000_000),
  archiveBufferSeconds: fc.nat(900),
  archiveFreshnessAlarmSeconds: fc.integer({ min: 60, max: 86_400 }),
  logEachRecord: fc.boolean(),
  tracing: fc.boolean(),
  createXRayPolicy: fc.boolean(),
  deliveryStatusLogging: fc.boolean(),
  deliveryStatusSampleRatePercent: fc.nat(100),
  // Needs contracts.
  strictTypes: fc.constant(false),
};

const given = fc.record(ARBITRARIES, { requiredKeys: ["region"] }).filter(isValid) as fc.Arbitrary<GivenStageOptions>;
const consumerKeys = Object.keys(CONSUMER_SHAPE) as (keyof typeof CONSUMER_SHAPE)[];
const own = fc.record(Object.fromEntries(consumerKeys.map((key) => [key, ARBITRARIES[key]])), {
  requiredKeys: [],
}) as fc.Arbitrary<GivenStageOptions>;

function isValid(options: object): boolean {
  try {
    validateStageOptions({ ...options });
    return true;
  } catch (error) {
    if (error instanceof InvalidOptionsError) return false;
    throw error;
  }
}

test("synthesizes any valid options without unresolved tokens", () => {
  fc.assert(
    fc.property(given, own, (options, subscriber) => {
      fc.pre(isValid({ ...options, filterPolicy: undefined, filterPolicyScope: undefined, ...subscriber }));
      const text = synthStackText({
        stage: stageWith(options, { alerts: { handler: "alert-log", ...subscriber } as never }),
      });
      const { "//": _, ...stack } = JSON.parse(text) as Record<string, unknown>;
      const json = JSON.stringify(stack);
      expect(json).not.toMatch(/undefined|NaN|TfToken|\[object Object\]|:null/);
    }),
    { numRuns: 60 },
  );
}, 600_000);
