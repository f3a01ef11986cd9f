// Runs the guide's transcripts, the five-minute demonstration included, in a clone of its own: the demonstration changes a
// contract. It starts the pipeline as the README does, with npm start.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import { requireTools } from "@event-pipeline/testing/tools";
import { commandsOf, isSetup } from "../helpers/doc-commands";
import { isAsPrinted, type Transcript, TranscriptRunner, transcriptsOf } from "./transcripts";

const GUIDE = "docs/guide.md";
const START = "npm start";

/** The transcripts after each start of the pipeline. */
const sessions: { readonly start: Transcript; readonly commands: Transcript[] }[] = [];
for (const transcript of transcriptsOf(GUIDE)) {
  if (transcript.command === START) sessions.push({ start: transcript, commands: [] });
  else sessions.at(-1)?.commands.push(transcript);
}

/** The line of a step of an event, as npm start prints it. */
const HOP = /^\d\d:\d\d:\d\d\.\d{3} {2}/;

const { PATH = "", HOME = "" } = process.env;
const environment = { PATH, HOME };
let clone: string;

beforeAll(() => {
  requireTools(["aws"], { by: "test:docs" });
  clone = mkdtempSync(join(tmpdir(), "guide-"));
  copyInstalledProject(clone);
});
afterAll(() => rmSync(clone, { recursive: true }));

describe.each(sessions.map((session, index) => ({ name: `start ${index + 1}`, ...session })))(
  "$name",
  ({ start, commands }) => {
    let run: ChildProcess;
    let exited: Promise<unknown>;
    let printed = "";
    const runner = new TranscriptRunner((command) => printedBy(command, /http:\S+/.exec(printed)?.[0] ?? ""));

    beforeAll(async () => {
      // A process group, as in a terminal.
      run = spawn("npm", ["start", "--", "--port", "0"], { cwd: clone, env: environment, detached: true });
      exited = new Promise((resolve) => run.once("close", resolve));
      await new Promise<void>((resolve, reject) => {
        const read = (chunk: Buffer) => {
          printed += chunk;
          if (isAsPrinted(start.output, printed.split("\n"))) resolve();
        };
        run.stdout?.on("data", read);
        run.stderr?.on("data", read);
        void exited.then(() => reject(new Error(`npm start ended: ${printed}`)));
      });
    }, 90_000);

    afterAll(async () => {
      process.kill(-Number(run.pid), "SIGINT");
      await exited;
    });

    test.each(["README.md", "docs/local-run.md"])("npm start prints the steps that %s shows", (file) => {
      const shown = readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => HOP.test(line));
      const lines = printed.split("\n");
      expect(shown.length).toBeGreaterThan(1);
      expect(shown.filter((line) => !lines.some((one) => isAsPrinted([line], [one])))).toEqual([]);
    });

    test.each(commands)("$command", (transcript) => runner.run(transcript), 60_000);
  },
);

/** Returns a command's output, as a terminal of a reader who has set up the shell as in the README shows it. */
async function printedBy(command: string, endpoint: string): Promise<string> {
  const setup = commandsOf("README.md", [])
    .filter((line) => isSetup(line) && !line.awsOnly)
    .map(({ text }) => text);
  // npx takes a second to find the command; operator.docs.test.ts tests that it does.
  const npx = `npx() { shift; packages/cli/event-pipeline.mjs "$@"; }`;
  const script = [...setup, npx, command].join("\n").replaceAll("http://127.0.0.1:4566", endpoint);
  return new Promise((resolve, reject) => {
    execFile("bash", ["-c", `{ ${script}\n} 2>&1`], { cwd: clone, env: environment }, (error, stdout) => {
      // Some commands of event-pipeline report what they found by their exit code.
      if (error && !command.includes("event-pipeline")) reject(error);
      else resolve(stdout);
    });
  });
}

test("the demonstration restores the contract at its end", () => {
  const file = "events/finding-new.json";
  expect(readFileSync(join(clone, file), "utf8")).toBe(readFileSync(file, "utf8"));
});

describe("every block of a document is run, compared, or marked as AWS only", () => {
  /** The npm commands of sh blocks, which .ci/run runs. */
  const NPM = ["npm ci", START];
  const DIAGRAM = /[│┌└▼]/;

  test.each(["README.md", GUIDE])("%s", (file) => {
    const blocks = [...readFileSync(file, "utf8").matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)];
    const others = blocks.filter(([, language, text = ""]) => {
      const [first = ""] = text.split("\n");
      return language !== "sh" && !first.startsWith("$ ") && !HOP.test(first) && !DIAGRAM.test(text);
    });
    expect(others.map(([block]) => block)).toEqual([]);
    const notRun = commandsOf(file, [])
      .filter((command) => !command.awsOnly && !isSetup(command))
      // commands.docs.test.ts runs the commands of aws.
      .filter(({ text }) => !text.startsWith("aws ") && !NPM.includes(text));
    expect(notRun).toEqual([]);
  });
});
