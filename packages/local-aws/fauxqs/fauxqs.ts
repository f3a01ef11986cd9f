// The app is built here and not by startFauxqs(), which listens on all network interfaces and hides its stores.
import type { IncomingMessage } from "node:http";
import { buildApp } from "fauxqs";
import { DeliveryBuffers } from "../firehose/delivery-buffers";
import type { Service } from "../gateway/service";
import { sendError } from "../protocols/error-response";
import { unsupportedVariant } from "../s3/request-rules";
import { addS3Actions } from "../s3/s3-actions";
import { s3Target } from "../s3/s3-target";
import type { FilteredSnsMessage, Undelivered } from "../sns/subscription-delivery";
import { loadDeadLetterSources } from "../sqs/dead-letter-sources";
import { LocalSqsStore } from "../sqs/local-queue";
import { MessageMoveTasks } from "../sqs/message-move-tasks";
import { type Protocol, S3, SNS, SQS, STS } from "../supported-actions";
import { addActions } from "./actions";
import { addBodyParsers, passBody } from "./bodies";
import { addErrorResponses } from "./error-responses";
import { INVALID_MESSAGE_BODY_CHAR, type MessageSpy, S3Store, SnsStore, type SpyMessage, type SqsStore } from "./parts";
import { openPersistence } from "./persistence";
import { handleSqsQuery } from "./sqs-query";

export type { SqsQueue } from "./parts";

/** An event of a message: one that fauxqs reports, or a message that a filter policy dropped. */
export type SeenMessage = SpyMessage | FilteredSnsMessage;

export interface FauxqsProps {
  /** Base URL of the queues' URLs. */
  readonly endpoint: string;
  readonly region: string;
  /** Folder that keeps all data. @default - in memory */
  readonly folder?: string | undefined;
  /** Called for each message of SNS and SQS and each object of S3. */
  readonly onMessage: (message: SeenMessage) => void;
  /** Called for each message that a subscription could not deliver, not even to its dead-letter queue. */
  readonly onUndelivered: (undelivered: Undelivered) => void;
  /** Called when the folder cannot be written to. It must not return. */
  readonly onDiskError: (error: unknown) => never;
}

/** The emulator of SNS, SQS, S3 and STS. */
export interface Fauxqs extends Service {
  readonly sqs: SqsStore;
  /** Records of delivery streams. */
  readonly deliveryBuffers: DeliveryBuffers;
  /** Ends open long polls and closes the files. */
  close(): Promise<void>;
}

/** @throws DiskError when the folder cannot be read or written. */
export async function openFauxqs(props: FauxqsProps): Promise<Fauxqs> {
  const { endpoint, region, folder, onMessage, onUndelivered, onDiskError } = props;
  allowAllOfUnicode();
  const sqsStore = new LocalSqsStore();
  const snsStore = new SnsStore();
  const s3Store = new S3Store();
  const persistence = folder === undefined ? undefined : openPersistence(folder, onDiskError);
  if (persistence) {
    persistence.load(sqsStore, snsStore, s3Store);
    loadDeadLetterSources(persistence, sqsStore);
    for (const store of [sqsStore, snsStore, s3Store]) store.persistence = persistence;
    for (const queue of sqsStore.allQueues()) {
      // The port may differ from the earlier run's.
      Object.assign(queue, { persistence, url: endpoint + new URL(queue.url).pathname });
    }
  }
  const spy = { addMessage: onMessage } as MessageSpy;
  for (const store of [sqsStore, snsStore, s3Store]) store.spy = spy;
  for (const queue of sqsStore.allQueues()) queue.spy = spy;

  // Without a host, queue URLs repeat the request's Host header. With one they read
  // sqs.us-east-1.localhost, which many clients cannot resolve.
  sqsStore.host = "";
  const app = buildApp({ logger: false, defaultRegion: region, stores: { sqsStore, snsStore, s3Store } });
  addBodyParsers(app);
  addErrorResponses(app);
  const moveTasks = new MessageMoveTasks(sqsStore);
  const deliveryBuffers = new DeliveryBuffers(persistence);
  addActions(app, { sns: snsStore, sqs: sqsStore, deliveryBuffers, moveTasks, onFiltered: onMessage, onUndelivered });
  addS3Actions(app, s3Store, region);
  await app.ready();
  return {
    sqs: sqsStore,
    deliveryBuffers,
    services: [SNS, SQS, S3, STS],
    handle(request, response, { service, action, protocol }, form) {
      const error = service === S3 ? unsupportedVariant(request, action) : undefined;
      if (error) {
        sendError(request, response, error, protocol);
        return;
      }
      if (service === SQS && protocol === "query") {
        void handleSqsQuery(app, action, request, response, new URLSearchParams(String(form)));
        return;
      }
      if (service === S3) usePathStyle(request);
      else useRootPath(request, protocol);
      if (form) passBody(request, form);
      app.routing(request, response);
    },
    async close() {
      moveTasks.stop();
      sqsStore.shutdown();
      await app.close();
      persistence?.close();
    },
  };
}

/** Moves the bucket from the Host header to the path: fauxqs supports it there only for some requests. */
function usePathStyle(request: IncomingMessage): void {
  request.url = s3Target(request).pathStyle;
  request.headers.host = `localhost:${request.socket.localPort}`;
}

/** Sets the path, method and content type that fauxqs expects of the other services. Clients may use a queue's path. */
function useRootPath(request: IncomingMessage, protocol: Protocol): void {
  request.url = "/";
  request.method = "POST";
  request.headers["content-type"] =
    protocol === "query" ? "application/x-www-form-urlencoded" : "application/x-amz-json-1.0";
}

/** Allows characters beyond U+FFFF in SendMessage, which fauxqs rejects and SQS accepts. */
function allowAllOfUnicode(): void {
  INVALID_MESSAGE_BODY_CHAR.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]", "u");
}
