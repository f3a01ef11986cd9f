import { Agent, request } from "node:http";
import type { HostileRequest } from "./requests";

/** Time limit for every answer, in milliseconds. */
const ANSWER_MS = 20_000;

/** Sends requests unchanged, each over its own connection, so that one does not affect the next. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: false });

  constructor(private readonly endpoint: string) {}

  /** @returns the answer's status, or the error if there was no answer. */
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
