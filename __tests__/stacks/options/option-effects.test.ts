import { EXAMPLE_EVENTS, type Synthesized, stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import type { Stage } from "../../../stacks/options/read-stage";
import { type GivenStageOptions, STAGE_SHAPE } from "../../../stacks/options/stage-options";
import { optionEffects, uncovered } from "../../helpers/option-effects";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/1234";

interface Example {
  readonly on: GivenStageOptions;
  readonly subscribers?: Stage["subscribers"];
  /** Other options that this option requires. */
  readonly also?: GivenStageOptions;
}

/** A value for each option, other than the default. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  "`kmsKey: create`": { on: { kmsKey: "create" } },
  "`kmsKey: ARN`": { on: { kmsKey: KEY } },
  "`formerKmsKeys`": { on: { formerKmsKeys: [KEY] } },
  "`encryptLogs`": { on: { encryptLogs: true }, also: { kmsKey: "create" } },
  "`eventIdIndex`": { on: { eventIdIndex: true } },
  "`retainData`": { on: { retainData: true }, also: { retainData: false } },
  "`queueRetentionDays` `deadLetterRetentionDays`": { on: { queueRetentionDays: 1, deadLetterRetentionDays: 2 } },
  "`logRetentionDays`": { on: { logRetentionDays: 1 } },
  "`archiveStandardIaDays` `archiveGlacierDays`": { on: { archiveStandardIaDays: 0, archiveGlacierDays: 0 } },
  "`archiveExpiryDays`": { on: { archiveExpiryDays: 365 } },
  "`eventTtlDays`": { on: { eventTtlDays: 0 } },
  "`rawBucketName`": { on: { rawBucketName: "other-bucket" } },
  "`rolePath`": { on: { rolePath: "/events/" } },
  "`permissionsBoundary` `tags`": {
    on: { permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess", tags: { Team: "events" } },
  },
  "`publisherAccounts` `publisherOrganization` `publisherServices`": {
    on: {
      publisherAccounts: ["123456789012"],
      publisherOrganization: "o-a1b2c3d4e5",
      publisherServices: ["s3.amazonaws.com"],
    },
  },
  "`filterPolicy`": { on: { filterPolicy: { severity: ["high"] } } },
  "`maxConcurrency` `reservedConcurrency`": { on: { maxConcurrency: 10, reservedConcurrency: 20 } },
  "`subscribers`": { on: {}, subscribers: { extra: { handler: "alert-log" } } },
  "`monitoring`": { on: { monitoring: true }, also: { monitoring: false } },
  "`alarmTopicArn`": { on: { alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:alarms" } },
  "`alarmEmail`": { on: { alarmEmail: "ops@example.com" } },
  "`tracing`": { on: { tracing: true } },
  "`createXRayPolicy: false`": { on: { createXRayPolicy: false }, also: { tracing: true } },
  "`deliveryStatusLogging`": { on: { deliveryStatusLogging: true } },
};

/** Options that only change arguments of resources. */
const IN_PLACE = [
  "batchSize",
  "batchWindowSeconds",
  "timeoutSeconds",
  "memorySizeMiB",
  "architecture",
  "maxReceiveCount",
  "visibilityTimeoutSeconds",
  "filterPolicyScope",
  "oldestMessageAlarmSeconds",
  "errorsAlarmCount",
  "throttlesAlarmCount",
  "okActions",
  "writeThrottlesAlarmCount",
  "archiveBufferSeconds",
  "archiveFreshnessAlarmSeconds",
  "logEachRecord",
  "deliveryStatusSampleRatePercent",
  "strictTypes",
];
/** Options for the stack around the pipeline. The text below the table describes them. */
const AROUND = [
  "name",
  "region",
  "awsProviderVersion",
  "assumeRoleArn",
  "allowedAccountIds",
  "emulator",
  "stateBucket",
  "stateRegion",
];

const effects = optionEffects();

function addresses({ resource }: Synthesized): string[] {
  return Object.entries(resource).flatMap(([type, blocks]) => Object.keys(blocks).map((name) => `${type}.${name}`));
}

const DEFAULTS = addresses(synthStack());

test("has a row for every option that adds or removes resources", () => {
  const rows = effects.flatMap(({ options }) => options);
  const known = [...new Set([...rows.filter((option) => option !== "subscribers"), ...IN_PLACE, ...AROUND])];
  expect(known.sort()).toEqual(Object.keys(STAGE_SHAPE).sort());
  expect(effects.map(({ row }) => row).sort()).toEqual(Object.keys(EXAMPLES).sort());
});

test.each(effects)("$row adds and removes the documented resources", ({ row, adds, removes }) => {
  const { on, also, subscribers = {} } = EXAMPLES[row] as Example;
  const id = (pattern: string) => pattern.replace(/\bID(?=_|$)/, Object.keys(subscribers)[0] ?? "ID");
  const before = also === undefined ? DEFAULTS : addresses(synthStack({ stage: stageWith(also) }));
  const after = addresses(synthStack({ stage: stageWith({ ...also, ...on }, subscribers) }));
  const added = after.filter((address) => !before.includes(address));
  const removed = before.filter((address) => !after.includes(address));
  expect(uncovered(adds.map(id), added)).toEqual({ addresses: [], patterns: [] });
  expect(uncovered(removes.map(id), removed)).toEqual({ addresses: [], patterns: [] });
});

test("adds and removes no resource with the other options", () => {
  const options: GivenStageOptions = {
    batchSize: 100,
    batchWindowSeconds: 1,
    timeoutSeconds: 20,
    memorySizeMiB: 1_024,
    architecture: "x86_64",
    maxReceiveCount: 5,
    visibilityTimeoutSeconds: 600,
    filterPolicyScope: "MessageBody",
    oldestMessageAlarmSeconds: 600,
    errorsAlarmCount: 1,
    throttlesAlarmCount: 1,
    okActions: true,
    writeThrottlesAlarmCount: 1,
    archiveBufferSeconds: 60,
    archiveFreshnessAlarmSeconds: 900,
    logEachRecord: false,
    deliveryStatusSampleRatePercent: 1,
    strictTypes: true,
  };
  expect(Object.keys(options).sort()).toEqual([...IN_PLACE].sort());
  // strictTypes needs contracts.
  const eventsFolder = EXAMPLE_EVENTS;
  const before = addresses(synthStack({ eventsFolder }));
  expect(addresses(synthStack({ stage: stageWith(options), eventsFolder })).sort()).toEqual(before.sort());
});
