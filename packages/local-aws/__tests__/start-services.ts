import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { type Clock, RunningClock } from "../clock";
import { Callers } from "../gateway/caller";
import { Gateway, type ServiceWithState } from "../gateway/gateway";
import { MemoryStorage, type Storage } from "../storage/storage";

export interface ServicesOptions {
  readonly clock?: Clock;
  readonly storage?: Storage;
  readonly region?: string;
  readonly callers?: Callers;
}

export interface Services {
  readonly endpoint: string;
  /** Configuration of a client of the SDK. */
  readonly config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  readonly gateway: Gateway;
  readonly callers: Callers;
  stop(): Promise<void>;
}

/** Starts a gateway with some services. `create` gets the endpoint, which is in the URLs of queues. */
export async function startServices(
  // biome-ignore lint/suspicious/noExplicitAny: each service has a state of its own type.
  create: (endpoint: string) => readonly ServiceWithState<any>[],
  {
    clock = new RunningClock(),
    storage = new MemoryStorage(),
    region = "us-east-1",
    callers = new Callers(),
  }: ServicesOptions = {},
): Promise<Services> {
  const server = await listenOnLoopback(0);
  const { endpoint } = server;
  const gateway = new Gateway({ endpoint, region, clock, storage, callers, services: create(endpoint) });
  server.serve((request, response) => void gateway.handle(request, response));
  gateway.state = "open";
  return {
    endpoint,
    config: { endpoint, region, credentials: { accessKeyId: "local", secretAccessKey: "local" } },
    gateway,
    callers,
    stop: async () => {
      gateway.stop();
      await server.stop();
      storage.close();
    },
  };
}
