import { cliOptionsOf } from "@event-pipeline/operations/commands";
import type { ReadyFacts } from "./report";

/** Returns the text that is printed once the pipeline is running, before the demonstration. */
export function readyText({ endpoint, notRun, shortened, readyMs }: ReadyFacts): string {
  return `The pipeline is running at ${endpoint} (ready in ${(readyMs / 1_000).toFixed(1)} s).

Not run here (docs/local-run.md#differences-from-aws; --json lists each address):
${indented(byKind(notRun))}

Faster than on AWS:
${indented(shortened)}
`;
}

/**
 * Returns the text that stays in the terminal while the pipeline waits for events: addresses and commands. Unless the
 * pipeline's name is very long, it fits in 30 lines of 80 columns, with the result of the demonstration. Commands are not
 * folded.
 */
export function usageText({ endpoint, page, region, outputs }: ReadyFacts): string {
  const rows = (facts: object) => indented(Object.entries(facts).map(([name, value]) => `${name.padEnd(14)} ${value}`));
  return `${page === undefined ? "" : `${rows({ page })}\n\n`}${publishText(endpoint, region, outputs.topic_arn)}${rows({ endpoint, ...outputs })}

With the AWS CLI:
  export AWS_ENDPOINT_URL=${endpoint}
  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws sns publish --topic-arn \\
    ${outputs.topic_arn} \\
    --message '{"type":"finding.new","severity":"high","title":"Test Finding"}'
  aws dynamodb scan --table-name ${outputs.table_name}
`;
}

/** Returns a CLI command to try; empty when the topic's ARN does not contain the pipeline's name. */
function publishText(endpoint: string, region: string, topicArn: unknown): string {
  const [, name] = /:([^:]+)-events$/.exec(String(topicArn)) ?? [];
  if (name === undefined) return "";
  const options = cliOptionsOf({ name, endpoint, region, isLocalRun: true });
  const command = "npx event-pipeline publish --sample finding.new";
  const line = `${command} ${options}`;
  const fitting = line.length <= 78 ? line : command + ` ${options}`.replaceAll(" --", " \\\n    --");
  return `Publish an event from another terminal:\n  ${fitting}\n\n`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}

/** Matches the address of an argument, such as `aws_dynamodb_table.events.ttl`, but not of a block. */
const ARGUMENT = /^(?!data\.\w+\.[\w-]+$)(?:data\.)?\w+\.[\w-]+\.(\w+)$/;

/** Returns one line for the resources of each service, such as `aws_s3_* (5)`, and one line for the arguments. */
function byKind(addresses: readonly string[]): string[] {
  const [counts, argumentNames] = [new Map<string, number>(), new Set<string>()];
  for (const address of addresses) {
    const argument = ARGUMENT.exec(address)?.[1];
    const type = address.slice(0, address.lastIndexOf("."));
    const kind = type.replace(/^((?:data\.)?aws_[a-z\d]+_).*/, "$1*");
    if (argument === undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    else argumentNames.add(argument);
  }
  const resources = [...counts].map(([kind, count]) => `${kind} (${count})`);
  return argumentNames.size === 0 ? resources : [...resources, `arguments: ${[...argumentNames].join(", ")}`];
}
