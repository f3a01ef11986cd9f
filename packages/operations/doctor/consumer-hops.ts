import { projectCommand } from "@event-pipeline/terraform-json/project-command";
import type { Config } from "@event-pipeline/terraform-json/synthesized-stack";
import { ifAccessible, type RoleUse, resourceChecks, roleHop } from "./access";
import {
  type Check,
  differences,
  type Examination,
  missing,
  type PlannedHop,
  resourcesOf,
  unknown,
  wrong,
} from "./hop";
import { arnOf, nameIn, type Resource, zipHash } from "./stack";
import { lostEventsText, SYNTH } from "./topic-hops";

interface Redrive {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount?: number;
}

/**
 * Returns the hops of one consumer: its queue, dead-letter queue, event source mapping, role and function. None if the
 * queue is not one of a consumer with a function.
 */
export function consumerHops(x: Examination, queueArn: string): PlannedHop[] {
  const { deployed, deploy } = x;
  const find = (type: string, has: (config: Config) => boolean) =>
    resourcesOf(x, type).find(({ config }) => has(config));
  const named = (arn: string) => find("aws_sqs_queue", ({ name }) => name === nameIn(arn));
  const queue = named(queueArn);
  const mapping = find("aws_lambda_event_source_mapping", ({ event_source_arn }) => event_source_arn === queueArn);
  const functionName = String(mapping?.config.function_name);
  const handler = find("aws_lambda_function", ({ function_name }) => function_name === functionName);
  if (!queue?.config.redrive_policy || !mapping || !handler) return [];
  const role = consumerRole(x, handler);
  const functionArn = arnOf(x.place, "lambda", `function:${functionName}`);
  const redrive = JSON.parse(String(queue.config.redrive_policy)) as Redrive;
  const deadLetters = redrive.deadLetterTargetArn;
  const accessTo = (arn: string) =>
    resourceChecks(x, role, { arn, keyOf: async () => (await deployed.queue(arn)).KmsMasterKeyId });

  const redrives: Check = async () => {
    const { RedrivePolicy } = await deployed.queue(queueArn);
    const found = (RedrivePolicy ? JSON.parse(RedrivePolicy) : {}) as Partial<Redrive>;
    return differences(
      {
        "The dead-letter queue": [deadLetters, found.deadLetterTargetArn],
        maxReceiveCount: [redrive.maxReceiveCount, found.maxReceiveCount],
      },
      deploy,
    );
  };
  const staysInvisible: Check = async () => {
    const { VisibilityTimeout } = await deployed.queue(queueArn);
    const { Timeout = handler.config.timeout } = (await ifAccessible(() => deployed.function(functionName))) ?? {};
    if (Timeout === undefined || Number(VisibilityTimeout) >= Number(Timeout)) return [];
    const message = `VisibilityTimeout is ${VisibilityTimeout} s, less than the function's timeout of ${Timeout} s: SQS delivers events again while they are processed.`;
    return [wrong(message, deploy)];
  };
  return [
    {
      hop: "queue",
      address: queue.address,
      name: nameIn(queueArn),
      checks: [redrives, staysInvisible, ...accessTo(queueArn)],
    },
    {
      hop: "dead-letter queue",
      address: named(deadLetters)?.address ?? "aws_sqs_queue",
      name: nameIn(deadLetters),
      checks: [existing(x, deadLetters), ...accessTo(deadLetters), otherReaders(x, deadLetters)],
    },
    {
      hop: "mapping",
      address: mapping.address,
      name: `${nameIn(queueArn)} → ${functionName}`,
      checks: [mappingSettings(x, mapping), otherReaders(x, queueArn, functionName)],
    },
    roleHop(x, role, { service: "lambda.amazonaws.com", source: functionArn }),
    { hop: "function", address: handler.address, name: functionName, checks: functionChecks(x, handler) },
  ];
}

export function consumerRole({ deployed }: Examination, { config }: Resource): RoleUse {
  return {
    expected: String(config.role),
    actual: async () => (await deployed.function(String(config.function_name))).Role,
  };
}

export function existing({ deployed }: Examination, queueArn: string): Check {
  return async () => {
    await deployed.queue(queueArn);
    return [];
  };
}

/** Checks that only one function receives from a queue. Lambda deletes what another function has processed. */
export function otherReaders({ pipeline, deployed }: Examination, queueArn: string, functionName?: string): Check {
  return async () =>
    (await deployed.mappings(queueArn))
      .filter(({ FunctionArn = "" }) => functionNameIn(FunctionArn) !== functionName)
      .map(({ FunctionArn = "", UUID }) =>
        wrong(
          `The function ${functionNameIn(FunctionArn)} also receives from ${nameIn(queueArn)}, and Lambda deletes what it receives.`,
          `${pipeline.awsCli} lambda delete-event-source-mapping --uuid ${UUID}`,
        ),
      );
}

/** Returns the function's name in an ARN that may end with a version or an alias. */
function functionNameIn(arn: string): string | undefined {
  return arn.split(":")[6];
}

function mappingSettings(x: Examination, { config }: Resource): Check {
  const { pipeline, deployed, deploy, stack } = x;
  return async () => {
    const queueArn = String(config.event_source_arn);
    const mappings = await deployed.mappings(queueArn);
    const found = mappings.find(({ FunctionArn = "" }) => functionNameIn(FunctionArn) === config.function_name);
    if (!found) {
      return [
        missing(`${nameIn(queueArn)} has no event source mapping to ${config.function_name}, so events wait.`, deploy),
      ];
    }
    const filters = found.FilterCriteria?.Filters?.map(({ Pattern }) => Pattern);
    const filter = filters?.length ? filters.join() : undefined;
    if (filter !== undefined && stack.folder === undefined) {
      return [unknown(`The mapping has the filter ${filter}. Lambda deletes events that do not match.`, SYNTH)];
    }
    const enable = `${pipeline.awsCli} lambda update-event-source-mapping --enabled --uuid ${found.UUID}`;
    const recover = `${deploy}\n${lostEventsText(x, nameIn(queueArn))}`;
    return [
      ...differences({ State: ["Enabled", found.State] }, enable),
      ...differences(
        {
          FunctionResponseTypes: [config.function_response_types, found.FunctionResponseTypes ?? []],
          FilterCriteria: [config.filter_criteria ?? "", filter],
        },
        recover,
      ),
    ];
  };
}

/** Matches the region, account and name in a queue's URL. An endpoint outside AWS has no region. */
const QUEUE_URL = /^https?:\/\/(?:sqs\.([a-z\d-]+)\.amazonaws\.com(?:\.cn)?|[^/]+)\/(\d{12})\/([^/]+)$/;

function functionChecks(x: Examination, { config }: Resource): Check[] {
  const { pipeline, deployed, deploy, place, stack } = x;
  const name = String(config.function_name);
  const variables = (config.environment as { readonly variables?: Config } | undefined)?.variables ?? {};
  const logGroup = String((config.logging_config as Config | undefined)?.log_group);
  const state: Check = async () => {
    const { State, StateReason } = await deployed.function(name);
    // Lambda activates an inactive function at its next invocation.
    if (State === "Active" || State === "Inactive") return [];
    return [wrong(`The function is in the state ${State}: ${StateReason ?? "AWS gives no reason"}.`, deploy)];
  };
  const environment: Check = async () => {
    const actual = (await deployed.function(name)).Environment?.Variables ?? {};
    const settings = Object.entries(variables).map(([key, expected]) => {
      const [, region = place.region, account, queue] = QUEUE_URL.exec(actual[key] ?? "") ?? [];
      const found =
        queue === undefined ? actual[key] : arnOf({ ...place, region, account: String(account) }, "sqs", queue);
      return [`The environment variable ${key}`, [expected, found]] as const;
    });
    return differences(Object.fromEntries(settings), deploy);
  };
  const code: Check = async () => {
    const { CodeSha256 } = await deployed.function(name);
    // The local run runs the folder that Terraform would zip.
    if (CodeSha256 === undefined) return [];
    const hash = zipHash(stack, config.filename);
    if (hash === undefined) {
      const message = "Whether the code is the stack's is not known, because the stage's folder does not have the zip.";
      return [unknown(message, `${projectCommand("diff")}\nThen run doctor again. The zip is made with the plan.`)];
    }
    if (hash === CodeSha256) return [];
    return [wrong(`CodeSha256 is ${CodeSha256}. ${config.filename} has ${hash}, so the code was replaced.`, deploy)];
  };
  const concurrency: Check = async () => {
    if ((await deployed.reservedConcurrency(name)) !== 0) return [];
    const message = "The reserved concurrency is 0: Lambda throttles every invocation.";
    const fix = config.reserved_concurrent_executions;
    return [
      wrong(message, fix ? deploy : `${pipeline.awsCli} lambda delete-function-concurrency --function-name ${name}`),
    ];
  };
  const logs: Check = async () => {
    if ((await deployed.logGroups(logGroup)).includes(logGroup)) return [];
    return [missing(`The log group ${logGroup} does not exist, so the function logs nothing.`, deploy)];
  };
  return [state, environment, code, concurrency, logs];
}
