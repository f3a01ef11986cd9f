import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Child, endTogether } from "../child";
import { lambdaEnvironment } from "../environment";
import type { BareLoopReady, StoredIds } from "./bare-loop";
import { StoredEvents, type Subject } from "./subject";

const MOTO_STARTS_MS = 20_000;

/** The bare loop on the embedded AWS, or on the one at `endpoint`. */
export async function startBareLoop(endpoint?: string): Promise<Subject> {
  const { child, ready } = await Child.start<object, StoredIds, BareLoopReady>({
    file: "local-run/bare-loop.mjs",
    args: endpoint === undefined ? [] : [endpoint],
    env: lambdaEnvironment(endpoint),
  });
  const stored = new StoredEvents();
  child.onMessage(({ storedIds }) => {
    for (const id of storedIds) stored.add(id);
  });
  return { ...ready, pid: child.pid, stored, stop: () => child.stop() };
}

export function hasMoto(): boolean {
  return spawnSync("moto_server", ["--help"], { stdio: "ignore", timeout: MOTO_STARTS_MS }).status === 0;
}

/** The bare loop on moto, the AWS that most people would take. */
export async function startMoto(): Promise<Subject> {
  const port = await freePort();
  const moto = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  endTogether(moto);
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await answering(endpoint);
    const subject = await startBareLoop(endpoint);
    return {
      ...subject,
      pid: moto.pid ?? 0,
      async stop() {
        await subject.stop();
        await ended(moto);
      },
    };
  } catch (error) {
    await ended(moto);
    throw error;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  if (child.exitCode === null && child.kill("SIGTERM")) await exit;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(endpoint: string): Promise<void> {
  const deadline = Date.now() + MOTO_STARTS_MS;
  while (
    !(await fetch(endpoint).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error(`moto_server did not answer at ${endpoint} within 20 s.`);
    await sleep(100);
  }
}
