import { DYNAMODB } from "./dynamodb";
import { FIREHOSE } from "./firehose";
import { LAMBDA } from "./lambda";
import { LOGS } from "./logs";
import { S3 } from "./s3";
import type { ServedService } from "./served-service";
import { SNS } from "./sns";
import { SQS } from "./sqs";
import { STS } from "./sts";

/** Everything that the local run answers. What is not here gets 501 before any emulator sees it. */
export const SERVED: readonly ServedService[] = [SNS, SQS, LAMBDA, DYNAMODB, FIREHOSE, S3, LOGS, STS];

/** Services that are known by name, so that a refusal can say it, and of which nothing is answered. */
const NAMED: readonly ServedService[] = [
  {
    name: "CloudWatch",
    signingName: "monitoring",
    protocol: "json",
    targetPrefix: "GraniteServiceVersion20100801",
    queryVersion: "2010-08-01",
    actions: {},
  },
];

const ALL = [...SERVED, ...NAMED];

export const byTarget = (prefix: string): ServedService | undefined =>
  ALL.find(({ targetPrefix }) => targetPrefix === prefix);

export const bySigningName = (name: string): ServedService | undefined =>
  ALL.find(({ signingName }) => signingName === name);

export const byQueryVersion = (version: string): ServedService | undefined =>
  ALL.find(({ queryVersion }) => queryVersion === version);

/** What the local run has, in words; of one service where it has any of it. */
export function whatIsServed(service?: ServedService): string {
  const actions = Object.keys(service?.actions ?? {});
  if (service && actions.length > 0) return `Of ${service.name} it has ${listed(actions)}.`;
  return `It has ${listed(SERVED.map(({ name }) => name))}; npm start -- --help lists their actions.`;
}

/** The list for people, folded to a terminal's width. */
export function servedText(): string {
  return SERVED.map(({ name, actions }) => fold(name, Object.keys(actions))).join("\n");
}

const NAME_COLUMNS = 18;
const COLUMNS = 80;

function fold(name: string, actions: readonly string[]): string {
  const lines = [`  ${name.padEnd(NAME_COLUMNS - 2)}`];
  for (const action of actions) {
    const last = lines.at(-1) ?? "";
    if (last.length + action.length + 1 > COLUMNS) lines.push(`${" ".repeat(NAME_COLUMNS)}${action}`);
    else lines[lines.length - 1] = `${last}${last.length > NAME_COLUMNS ? " " : ""}${action}`;
  }
  return lines.join("\n");
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")}${names.length > 1 ? " and " : ""}${names.at(-1)}`;
}
