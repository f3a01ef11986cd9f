import { spawn } from "node:child_process";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { endTogether } from "../child";
import { StoredEvents, type Subject } from "./subject";

interface Ready {
  readonly endpoint: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly page?: string;
  readonly readyMs: number;
}

const STOP_MS = 10_000;

/** The local run with its page open: the stream is read to its end, and what comes is thrown away. */
export async function startWatchedRun(): Promise<Subject> {
  const subject = await startLocalRun();
  const reading = request(`${subject.page}api/stream`, (response) => response.resume().on("error", () => undefined));
  await new Promise<void>((resolve, reject) =>
    reading
      .once("response", () => resolve())
      .once("error", reject)
      .end(),
  );
  return {
    ...subject,
    async stop() {
      reading.destroy();
      await subject.stop();
    },
  };
}

export const startWithoutPage = (): Promise<Subject> => startLocalRun(undefined, ["--no-page"]);

/** `npm start` without its demonstration, read line by line as a program would. */
export async function startLocalRun(main = "dist/local/main.mjs", options: readonly string[] = []): Promise<Subject> {
  const args = [main, "--json", "--no-demo", "--port", "0", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  endTogether(child);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stored = new StoredEvents();
  const ready = await new Promise<Ready>((resolve, reject) => {
    void ended.then(() => reject(new Error(`${main} ended before it was ready.`)));
    createInterface(child.stdout).on("line", (line) => {
      // Most lines are other hops; to parse them would take time from what is measured.
      if (line.includes('"stage":"stored"')) stored.add((JSON.parse(line) as { eventId: string }).eventId);
      else if (line.startsWith('{"kind":"ready"')) resolve(JSON.parse(line) as Ready);
    });
  });
  return {
    endpoint: ready.endpoint,
    topicArn: String(ready.outputs.topic_arn),
    tableName: String(ready.outputs.table_name),
    pid: child.pid ?? 0,
    stored,
    readyMs: ready.readyMs,
    ...(ready.page !== undefined && { page: ready.page }),
    async stop() {
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      child.kill("SIGINT");
      await ended;
      clearTimeout(timer);
    },
  };
}
