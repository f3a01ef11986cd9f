import { Child, type Environment } from "@event-pipeline/testing/child";

/** A request to moto. */
export interface RecordedCall {
  /** `UpdateTable`, or method and URL for a REST service, such as `PUT /bucket?encryption=`. */
  readonly action: string;
  readonly body: string;
}

interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Body, base64-encoded. */
  readonly body: string | null;
}

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

  /** Records calls from now on, and discards earlier ones. */
  async record(): Promise<void> {
    await this.recorder("reset-recording");
    await this.recorder("start-recording");
  }

  async recorded(): Promise<RecordedCall[]> {
    const recording = await this.recorder("download-recording");
    // Lines do not separate requests: moto mixes those that arrive at once.
    const requests = recording.split(/\s*(?=\{"headers": \{)/).filter((text) => text !== "");
    return requests.map((text) => callOf(JSON.parse(text) as RecordedRequest));
  }

  private async recorder(command: string): Promise<string> {
    const response = await fetch(`${this.endpoint}/moto-api/recorder/${command}`, {
      method: command.startsWith("download") ? "GET" : "POST",
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`moto's recorder answered ${command} with ${response.status}: ${text}`);
    return text;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

function callOf({ method, url, headers, body }: RecordedRequest): RecordedCall {
  const text = Buffer.from(body ?? "", "base64").toString();
  const target = Object.entries(headers).find(([name]) => name.toLowerCase() === "x-amz-target")?.[1];
  const { pathname, search } = new URL(url);
  const action =
    target?.split(".").at(-1) ?? new URLSearchParams(text).get("Action") ?? `${method} ${pathname}${search}`;
  return { action, body: text };
}
