import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { type Clock, RunningClock } from "../clock";
import { Callers } from "../gateway/caller";
import { Gateway, type ServiceWithState } from "../gateway/gateway";
import { MemoryStorage, type Storage } from "../storage/storage";

const SERVER = { port: 0, region: "us-east-1" };

export interface Services {
  readonly endpoint: string;
  /** Configuration of a client of the SDK. */
  readonly config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  stop(): Promise<void>;
}

/** Starts a gateway with some services. `create` gets the endpoint, which is in the URLs of queues. */
export async function startServices(
  // biome-ignore lint/suspicious/noExplicitAny: each service has a state of its own type.
  create: (endpoint: string) => readonly ServiceWithState<any>[],
  { clock = new RunningClock(), storage = new MemoryStorage() }: { clock?: Clock; storage?: Storage } = {},
): Promise<Services> {
  const server = await listenOnLoopback(SERVER.port);
  const { endpoint } = server;
  const services = create(endpoint);
  const gateway = new Gateway({ endpoint, region: SERVER.region, clock, storage, callers: new Callers(), services });
  server.serve((request, response) => void gateway.handle(request, response));
  gateway.state = "open";
  return {
    endpoint,
    config: { endpoint, region: SERVER.region, credentials: { accessKeyId: "local", secretAccessKey: "local" } },
    stop: async () => {
      gateway.stop();
      await server.stop();
      storage.close();
    },
  };
}
