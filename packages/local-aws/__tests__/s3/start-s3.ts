import { request as httpRequest } from "node:http";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { type Clock, RunningClock } from "../../clock";
import { S3 as State } from "../../s3/s3";
import { S3 } from "../../s3/service";
import { MemoryStorage, type Storage } from "../../storage/storage";
import { startServices } from "../start-services";

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** S3 on a port of its own. */
export interface RunningS3 {
  readonly s3: S3Client;
  readonly state: State;
  readonly endpoint: string;
  client(config?: S3ClientConfig): S3Client;
  /** Sends a request as it is, without the SDK. */
  raw(options: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  }): Promise<RawResponse>;
  stop(): Promise<void>;
}

export async function startS3({
  storage = new MemoryStorage(),
  clock = new RunningClock(),
}: {
  storage?: Storage;
  clock?: Clock;
} = {}): Promise<RunningS3> {
  let state!: State;
  const services = await startServices(
    (endpoint) => {
      const delivery = { shuffled: false, seed: 0 };
      state = new State({ endpoint, region: "us-east-1", clock, storage, observer: {}, delivery });
      return [{ definition: S3, state }];
    },
    { clock, storage },
  );
  const clients: S3Client[] = [];
  const client = (config: S3ClientConfig = {}) => {
    const created = new S3Client({ ...services.config, forcePathStyle: true, maxAttempts: 1, ...config });
    clients.push(created);
    return created;
  };
  return {
    s3: client(),
    state,
    endpoint: services.endpoint,
    client,
    raw: ({ method, path, headers = {}, body = "" }) =>
      new Promise((resolve, reject) => {
        const { port, hostname } = new URL(services.endpoint);
        const sized = { ...(headers["transfer-encoding"] ? {} : { "content-length": Buffer.byteLength(body) }) };
        const sent = httpRequest({ hostname, port, path, method, headers: { ...sized, ...headers } }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.once("error", reject);
          response.once("end", () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          );
        });
        sent.once("error", reject).end(body);
      }),
    stop: async () => {
      for (const each of clients) each.destroy();
      await services.stop();
    },
  };
}
