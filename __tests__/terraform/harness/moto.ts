import { Child, type Environment } from "../../helpers/child";

/** AWS's API on a free port of this machine, empty. */
export class Moto {
  private constructor(
    readonly endpoint: string,
    private readonly server: Child,
  ) {}

  static async start(folder: string, env: Environment): Promise<Moto> {
    const server = new Child("moto_server", ["-H", "127.0.0.1", "-p", "0"], { cwd: folder, env });
    const [, endpoint = ""] = await server.says(/Running on (http:\/\/127\.0\.0\.1:\d+)/, 60_000);
    return new Moto(endpoint, server);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
