import type { Clock } from "./clock";
import type { Observer } from "./observer";
import type { Storage } from "./storage/storage";

/** Delivery of queues: in order and once, or as SQS promises it for standard queues. */
export interface Delivery {
  /** True to deliver messages out of order, and some of them twice. */
  readonly shuffled: boolean;
  /** Seed of the order and of the choice of messages. */
  readonly seed: number;
}

/** The parts that all services share. */
export interface Host {
  /** URL of the gateway, without a slash at its end. It is in the URLs of queues. */
  readonly endpoint: string;
  readonly region: string;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly observer: Observer;
  readonly delivery: Delivery;
}
