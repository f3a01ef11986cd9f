import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Child } from "@event-pipeline/testing/child";
import { pythonOf } from "./python-client";

/** Emulators of AWS that answer the same calls. */
export const EMULATORS = ["moto", "ministack"] as const;
export type Emulator = (typeof EMULATORS)[number];

export interface RunningEmulator {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts an emulator with the local run's account. */
export async function startEmulator(emulator: Emulator, cwd: string): Promise<RunningEmulator> {
  const account = "000000000000";
  const port = String(await freePort());
  const command = {
    moto: {
      python: await pythonOf("today"),
      args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", port],
      variables: { MOTO_ACCOUNT_ID: account },
      started: /Running on/,
    },
    ministack: {
      python: await pythonOf("ministack"),
      args: ["-m", "ministack"],
      variables: { MINISTACK_ACCOUNT_ID: account, BIND_HOST: "127.0.0.1", GATEWAY_PORT: port },
      started: /Ready —/,
    },
  }[emulator];
  const child = new Child(command.python, command.args, { cwd, env: { ...process.env, ...command.variables } });
  await child.says(command.started, START_LIMIT_MS);
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => child.stop() };
}
