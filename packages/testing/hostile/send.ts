import { Agent, request } from "node:http";
import type { HostileRequest } from "./requests";

/** Milliseconds within which everything has to be answered. */
const ANSWER_MS = 20_000;

/** Sends requests as they are, each over a connection of its own: what one leaves behind is not the next one's fault. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: false });

  constructor(private readonly endpoint: string) {}

  /** @returns the answer's status, or the error when there was none. */
  async send({ method, path, headers, body }: HostileRequest): Promise<number | string> {
    const { hostname, port } = new URL(this.endpoint);
    return new Promise((resolve) => {
      const sent = request(
        { agent: this.agent, hostname, port, method, path, headers, timeout: ANSWER_MS },
        (answer) => {
          answer.resume().once("end", () => resolve(Number(answer.statusCode)));
        },
      );
      sent.once("timeout", () => sent.destroy(new Error("not answered in time")));
      sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
