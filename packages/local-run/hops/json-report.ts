import type { Hop } from "@event-pipeline/event-model/hop";
import { parseJsonLine } from "@event-pipeline/local-aws/logs/log-line";
import { printableJson } from "@event-pipeline/node-process/printable";
import type { ReadyFacts, Report } from "./report";

/** Writes one JSON object per line, for programs. */
export class JsonReport implements Report {
  constructor(private readonly write: (text: string) => void) {}

  ready(facts: ReadyFacts): void {
    this.line({ kind: "ready", ...facts });
  }

  waiting(): void {
    this.note("Running. Press Ctrl-C to stop.");
  }

  hop({ at, kind: stage, ...hop }: Hop): void {
    this.line({ kind: "hop", at: new Date(at).toISOString(), stage, ...hop });
  }

  /** Embeds a JSON object unchanged, and any other line as a string. */
  log(functionName: string, line: string): void {
    const json = parseJsonLine(line) ? line : JSON.stringify(line);
    this.jsonLine(`{"kind":"log","function":${JSON.stringify(functionName)},"line":${json}}`);
  }

  note(message: string): void {
    this.line({ kind: "note", message });
  }

  verdict(problems: readonly string[]): void {
    this.line({ kind: "verdict", ok: problems.length === 0, problems });
  }

  private line(value: object): void {
    this.jsonLine(JSON.stringify(value));
  }

  private jsonLine(json: string): void {
    this.write(`${printableJson(json)}\n`);
  }
}
