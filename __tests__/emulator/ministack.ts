import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { Child, type Environment } from "@event-pipeline/testing/child";

const START_LIMIT_MS = 60_000;
/** Between the choice of a free port and ministack's start, another process may take the port. */
const ATTEMPTS = 3;

/** ministack on a free port of this machine, empty. */
export class Ministack {
  private constructor(
    readonly endpoint: string,
    readonly version: string,
    private readonly server: Child,
  ) {}

  /**
   * @param folder - The folder for its files.
   * @throws Error with its output if it does not start within the limit.
   */
  static async start(folder: string, env: Environment = process.env, limitMs = START_LIMIT_MS): Promise<Ministack> {
    for (let attempt = 1; ; attempt += 1) {
      const { endpoint, stop } = await listenOnLoopback(0);
      await stop();
      const server = new Child("ministack", [], {
        cwd: folder,
        env: { ...env, BIND_HOST: "127.0.0.1", GATEWAY_PORT: new URL(endpoint).port, TMPDIR: folder },
      });
      try {
        // Another process at this port does not print this.
        await server.says(new RegExp(`Running on ${endpoint}`), limitMs);
        return new Ministack(endpoint, await versionAt(endpoint, limitMs), server);
      } catch (error) {
        await server.stop();
        if (attempt === ATTEMPTS || !/address already in use/i.test(server.stdout + server.stderr)) throw error;
      }
    }
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

async function versionAt(endpoint: string, limitMs: number): Promise<string> {
  const response = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(limitMs) });
  return ((await response.json()) as { version: string }).version;
}
