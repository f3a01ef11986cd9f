import { errorTypeRegistries, SQSClient } from "@aws-sdk/client-sqs";
import { AwsQueryProtocol } from "@aws-sdk/core/protocols";
import { type Clock, RunningClock } from "../../clock";
import type { Delivery } from "../../host";
import type { Observer } from "../../observer";
import { SQS } from "../../sqs/service";
import { Sqs } from "../../sqs/sqs";
import { MemoryStorage, type Storage } from "../../storage/storage";
import { startServices } from "../start-services";

export interface SqsOptions {
  readonly clock?: Clock;
  readonly storage?: Storage;
  readonly delivery?: Delivery;
  readonly observer?: Observer;
}

const IN_ORDER: Delivery = { shuffled: false, seed: 0 };

/** Creates the queues without a server. */
export function createSqs(options: SqsOptions = {}, endpoint = "http://127.0.0.1:4566"): Sqs {
  const { clock = new RunningClock(), storage = new MemoryStorage(), delivery = IN_ORDER, observer = {} } = options;
  return new Sqs({ endpoint, region: "us-east-1", clock, storage, delivery, observer });
}

/** Starts SQS with a client of the SDK for each of its protocols. */
export async function startSqs({
  clock = new RunningClock(),
  storage = new MemoryStorage(),
  ...options
}: SqsOptions = {}) {
  let state: Sqs | undefined;
  const services = await startServices(
    (endpoint) => {
      state = createSqs({ ...options, clock, storage }, endpoint);
      return [{ definition: SQS, state }];
    },
    { clock, storage },
  );
  const json = new SQSClient({ ...services.config, maxAttempts: 1 });
  const query = new SQSClient({
    ...services.config,
    maxAttempts: 1,
    protocol: new AwsQueryProtocol({
      defaultNamespace: "com.amazonaws.sqs",
      xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
      version: "2012-11-05",
      errorTypeRegistries: [...errorTypeRegistries],
    }),
  });
  return {
    endpoint: services.endpoint,
    state: state as Sqs,
    clients: { json, query },
    stop: async () => {
      json.destroy();
      query.destroy();
      state?.stop();
      await services.stop();
    },
  };
}

export type StartedSqs = Awaited<ReturnType<typeof startSqs>>;
