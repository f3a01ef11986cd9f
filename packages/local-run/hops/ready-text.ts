import { cliOptionsOf } from "@event-pipeline/console/server/cli-options";
import type { ReadyFacts } from "./report";

/** What a person is told once the pipeline runs. Lines that are commands fit 80 columns, for they cannot be folded. */
export function readyText({ endpoint, page, region, outputs, notRun, shortened, readyMs }: ReadyFacts): string {
  const rows = Object.entries(outputs).map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
  return `The pipeline runs at ${endpoint} (ready in ${(readyMs / 1_000).toFixed(1)} s):

${rows.join("\n")}
${page === undefined ? "" : `\nWatch the events flow, and send your own: ${page}\n`}
Not run here (--json has each address):
${indented(byType(notRun))}

Shortened:
${indented(shortened)}

${operatorText(endpoint, outputs.topic_arn)}With the AWS CLI:

  export AWS_ENDPOINT_URL=${endpoint}
  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws sns publish --topic-arn \\
    ${outputs.topic_arn} \\
    --message '{"type":"finding.new","severity":"high","title":"Test Finding"}'
  aws dynamodb scan --table-name ${outputs.table_name}
`;
}

/** What Node.js alone can do from another terminal; nothing where no output says what the pipeline is called. */
function operatorText(endpoint: string, topicArn: unknown): string {
  const [, name] = /:([^:]+)-events$/.exec(String(topicArn)) ?? [];
  if (name === undefined) return "";
  const options = cliOptionsOf({ name, endpoint });
  const ways = ["publish finding.new", "events show MESSAGE_ID"];
  const lines = ways.map((way) => `npx event-pipeline ${way} ${options}`);
  const fitting = lines.every((line) => line.length <= 78)
    ? lines
    : lines.map((line) => line.replace(" --", " \\\n    --"));
  return `Publish from another terminal, and ask what became of it:\n\n${indented(fitting)}\n\n`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}

/** An address that goes on after the block's. */
const ARGUMENT = /^(?!data\.\w+\.[\w-]+$)(?:data\.)?\w+\.[\w-]+\.(\w+)$/;

/** Of arguments that are passed over in blocks that run. */
const PASSED_OVER: Readonly<Record<string, string>> = {
  default_tags: "on nothing here",
  tags: "on nothing here",
  ttl: "nothing expires here",
};

/** A line for each resource type, or argument: the address of the only one, or how many there are. */
function byType(addresses: readonly string[]): string[] {
  const addressesByType = new Map<string, string[]>();
  for (const address of addresses) {
    const argument = ARGUMENT.exec(address)?.[1];
    const type = argument ?? address.slice(0, address.lastIndexOf("."));
    addressesByType.set(type, [...(addressesByType.get(type) ?? []), address]);
  }
  return [...addressesByType].map(([type, ofType]) => {
    const line = ofType.length === 1 ? String(ofType[0]) : `${type} (${ofType.length})`;
    return type in PASSED_OVER ? `${line}: ${PASSED_OVER[type]}` : line;
  });
}
