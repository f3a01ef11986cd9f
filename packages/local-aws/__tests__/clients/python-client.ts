import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

/** Virtual environments of Python: ministack needs another botocore than the clients of today. */
export type PythonEnvironment = "2022" | "today" | "ministack";

const PACKAGES: Readonly<Record<PythonEnvironment, readonly string[]>> = {
  "2022": ["boto3==1.26.41"],
  today: ["boto3==1.44.8", "awscli==1.46.3", "moto[server]==5.2.5"],
  ministack: ["ministack==1.5.33"],
};

export type Answer = { readonly output: object } | { readonly error: string; readonly message?: string };

const INSTALL_LIMIT_MS = 280_000;
/** The longest call copies 20 MB. */
const CALL_LIMIT_MS = 60_000;

const run = promisify(execFile);

/** The clients read no configuration of this machine. */
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  PYTHONUTF8: "1",
  PATH: process.env.PATH,
};

/**
 * Returns the Python in which the packages are installed. The first call installs them from PyPI.
 *
 * @throws Error that says what is missing.
 */
export async function pythonOf(environment: PythonEnvironment): Promise<string> {
  const folder = join(process.cwd(), "node_modules", ".cache", "clients", environment);
  const python = join(folder, "bin", "python");
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(python)) await run("python3", ["-m", "venv", folder]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PACKAGES[environment]];
    await run(python, pip, { timeout: INSTALL_LIMIT_MS });
    return python;
  } catch (error) {
    throw new Error(
      `test:clients cannot install ${PACKAGES[environment].join(", ")}. It needs python3 with venv ` +
        `(on Debian: apt-get install python3-venv), and PyPI: ${(error as Error).message}`,
    );
  }
}

/** boto3, or the AWS CLI's commands, in a Python process. */
export class PythonClient {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly closed: Promise<unknown>;
  private readonly answers: AsyncIterator<string>;
  private stderr = "";

  constructor(
    python: string,
    client: "boto3" | "cli",
    private readonly endpoint: string,
    private readonly callLimitMs = CALL_LIMIT_MS,
  ) {
    const env = ENVIRONMENT;
    this.process = spawn(python, [join(__dirname, "send_calls.py"), client, endpoint], { env });
    this.closed = once(this.process, "close");
    // A client that has ended reads no more; send reports why it ended.
    this.process.stdin.on("error", () => undefined);
    this.process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.answers = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  /** @throws Error if the client ends, or has no answer in time; then the client is killed. */
  async send(service: string, operation: string, input: object): Promise<Answer> {
    const call = `${service}.${operation} to ${this.endpoint}`;
    const timer = setTimeout(() => {
      this.stderr += `${call} had no answer after ${this.callLimitMs / 1_000} s.\n`;
      this.process.kill("SIGKILL");
    }, this.callLimitMs);
    this.process.stdin.write(`${JSON.stringify({ service, operation, input })}\n`);
    const { value, done } = await this.answers.next();
    clearTimeout(timer);
    if (!done) return JSON.parse(value) as Answer;
    await this.closed;
    throw new Error(`The client has ended, and cannot send ${call}:\n${this.stderr}`);
  }

  async stop(): Promise<void> {
    this.process.stdin.end();
    await this.closed;
  }
}
