import { cliOptionsOf } from "@event-pipeline/operations/commands";
import type { ReadyFacts } from "./report";

/** Returns the text that is printed once the pipeline is running. Commands are not folded, so they fit in 80 columns. */
export function readyText({ endpoint, page, region, outputs, notRun, shortened, readyMs }: ReadyFacts): string {
  const rows = Object.entries(outputs).map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
  return `The pipeline is running at ${endpoint} (ready in ${(readyMs / 1_000).toFixed(1)} s):

${rows.join("\n")}
${page === undefined ? "" : `\nWatch the events and publish your own: ${page}\n`}
Not run locally (--json lists each address):
${indented(byType(notRun))}

Faster than on AWS:
${indented(shortened)}

${operatorText(endpoint, region, outputs.topic_arn)}With the AWS CLI:

  export AWS_ENDPOINT_URL=${endpoint}
  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws sns publish --topic-arn \\
    ${outputs.topic_arn} \\
    --message '{"type":"finding.new","severity":"high","title":"Test Finding"}'
  aws dynamodb scan --table-name ${outputs.table_name}
`;
}

/** Returns CLI commands to try; empty when the topic's ARN does not contain the pipeline's name. */
function operatorText(endpoint: string, region: string, topicArn: unknown): string {
  const [, name] = /:([^:]+)-events$/.exec(String(topicArn)) ?? [];
  if (name === undefined) return "";
  const options = cliOptionsOf({ name, endpoint, region, isLocalRun: true });
  const lines = ["publish finding.new", "events show MESSAGE_ID"].map(
    (command) => `npx event-pipeline ${command} ${options}`,
  );
  const fitting = lines.every((line) => line.length <= 78)
    ? lines
    : lines.map((line) => line.replaceAll(" --", " \\\n    --"));
  return `Publish and trace an event from another terminal:\n\n${indented(fitting)}\n\n`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}

/** Matches the address of an argument, such as `aws_dynamodb_table.events.ttl`, but not of a block. */
const ARGUMENT = /^(?!data\.\w+\.[\w-]+$)(?:data\.)?\w+\.[\w-]+\.(\w+)$/;

/** Returns one line per resource type or argument: its address if there is only one, otherwise the count. */
function byType(addresses: readonly string[]): string[] {
  const addressesByType = new Map<string, string[]>();
  for (const address of addresses) {
    const argument = ARGUMENT.exec(address)?.[1];
    const type = argument ?? address.slice(0, address.lastIndexOf("."));
    addressesByType.set(type, [...(addressesByType.get(type) ?? []), address]);
  }
  return [...addressesByType].map(([type, ofType]) =>
    ofType.length === 1 ? String(ofType[0]) : `${type} (${ofType.length})`,
  );
}
