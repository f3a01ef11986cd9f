import type { Hop } from "./hop";

/** How the local run speaks: lines for people, or one JSON object a line for programs. */
export interface Report {
  /** What is true once the pipeline runs. */
  ready(facts: ReadyFacts): void;
  hop(hop: Hop): void;
  /** A line that a handler wrote. */
  log(functionName: string, line: string): void;
  /** A sentence about the run itself. */
  note(message: string): void;
  /** How the demonstration ended: well when there are no problems. */
  verdict(problems: readonly string[]): void;
}

export interface ReadyFacts {
  readonly endpoint: string;
  readonly region: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly notRun: readonly string[];
  readonly shortened: readonly string[];
  /** Process ids of the handlers. */
  readonly pids: readonly number[];
  /** Milliseconds from the start of the process. */
  readonly readyMs: number;
}

type Write = (text: string) => void;

export class TextReport implements Report {
  constructor(private readonly write: Write) {}

  ready({ endpoint, region, outputs, notRun, shortened, readyMs }: ReadyFacts): void {
    const rows = Object.entries(outputs).map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
    this.write(`The pipeline runs at ${endpoint} (ready in ${(readyMs / 1_000).toFixed(1)} s):

${rows.join("\n")}

Not run here:
${byType(notRun)}
Shortened:
${shortened.map((sentence) => `  ${sentence}`).join("\n")}

Publish from another terminal:

  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws sns publish --topic-arn ${outputs.topic_arn} --message '{"type":"finding.new","severity":"high","title":"Test Finding"}'
  aws dynamodb scan --table-name ${outputs.table_name}

`);
  }

  hop({ at, stage, eventId, sincePublishedMs, detail }: Hop): void {
    const elapsed = sincePublishedMs === undefined ? "" : `+${sincePublishedMs} ms`;
    const pairs = Object.entries(detail).map(([key, value]) => `${key}=${value}`);
    this.write(
      `${clock(at)}  ${stage.padEnd(13)}  ${eventId.padEnd(36)}  ${elapsed.padStart(9)}  ${pairs.join(" ")}\n`,
    );
  }

  log(functionName: string, line: string): void {
    // Embedded metrics are for CloudWatch to read; --json has them.
    if (line.startsWith('{"_aws":')) return;
    this.write(`${clock(Date.now())}  log            ${functionName}: ${line}\n`);
  }

  note(message: string): void {
    this.write(`${message}\n`);
  }

  verdict(problems: readonly string[]): void {
    if (problems.length === 0)
      this.write(
        "\nAll events arrived: stored, archived, and the poison in the dead-letter queue at its first attempt.\n",
      );
    else this.write(`\nNot all events arrived:\n${problems.map((problem) => `  ${problem}\n`).join("")}`);
  }
}

export class JsonReport implements Report {
  constructor(private readonly write: Write) {}

  ready(facts: ReadyFacts): void {
    this.line({ kind: "ready", ...facts });
  }

  hop({ at, ...hop }: Hop): void {
    this.line({ kind: "hop", at: new Date(at).toISOString(), ...hop });
  }

  log(functionName: string, line: string): void {
    this.line({ kind: "log", function: functionName, line });
  }

  note(message: string): void {
    this.line({ kind: "note", message });
  }

  verdict(problems: readonly string[]): void {
    this.line({ kind: "verdict", ok: problems.length === 0, problems });
  }

  private line(value: object): void {
    this.write(`${JSON.stringify(value)}\n`);
  }
}

/** Addresses, a line for each resource type. */
function byType(addresses: readonly string[]): string {
  const namesByType = new Map<string, string[]>();
  for (const address of addresses) {
    const dot = address.lastIndexOf(".");
    const names = namesByType.get(address.slice(0, dot)) ?? [];
    namesByType.set(address.slice(0, dot), [...names, address.slice(dot + 1)]);
  }
  return [...namesByType].map(([type, names]) => `  ${type}: ${names.join(", ")}\n`).join("");
}

function clock(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
