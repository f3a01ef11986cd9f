import { Agent, request } from "node:http";

/** An HTTP request that may be malformed. */
export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Timeout for each response, in milliseconds. */
const RESPONSE_MS = 20_000;

/** Sends requests unchanged, each over a new connection, so that they do not affect each other. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: false });

  constructor(private readonly endpoint: string) {}

  /** Returns the response's status code, or the error if there was no response. */
  async send({ method, path, headers, body }: HostileRequest): Promise<number | string> {
    const { hostname, port } = new URL(this.endpoint);
    return new Promise((resolve) => {
      const sent = request(
        { agent: this.agent, hostname, port, method, path, headers, timeout: RESPONSE_MS },
        (response) => {
          response.resume().once("end", () => resolve(Number(response.statusCode)));
        },
      );
      sent.once("timeout", () => sent.destroy(new Error("no response in time")));
      sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
