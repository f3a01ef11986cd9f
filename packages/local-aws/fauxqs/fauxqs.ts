// Not by startFauxqs(), which listens on every interface. The stores are made
// here for the hooks on each message and for the folder that they persist to.
import type { IncomingMessage } from "node:http";
import { buildApp } from "fauxqs";
import { answerError } from "../error-answer";
import { Intakes } from "../firehose/intakes";
import { notTaken } from "../s3/request-rules";
import { addS3Actions } from "../s3/s3-actions";
import { s3Target } from "../s3/s3-target";
import { S3 } from "../served/s3";
import type { Protocol } from "../served/served-service";
import { SNS } from "../served/sns";
import { SQS } from "../served/sqs";
import { STS } from "../served/sts";
import type { Service } from "../service";
import type { FilteredMessage, Undelivered } from "../sns/subscription-delivery";
import { loadDeadLetterSources } from "../sqs/dead-letter-sources";
import { LocalSqsStore } from "../sqs/local-queue";
import { MessageMoveTasks } from "../sqs/message-move-tasks";
import { addActions } from "./actions";
import { answerInFormat } from "./answers";
import { giveBody, readBodies } from "./bodies";
import { nameErrors } from "./error-codes";
import { INVALID_MESSAGE_BODY_CHAR, type MessageSpy, S3Store, SnsStore, type SpyMessage, type SqsStore } from "./parts";
import { openPersistence } from "./persistence";
import { answerSqsQuery } from "./sqs-query";

export type { SqsQueue } from "./parts";

/** What becomes of a message: fauxqs's own account, and what it leaves out. */
export type SeenMessage = SpyMessage | FilteredMessage;

export interface FauxqsProps {
  readonly region: string;
  /** Folder that everything is kept in; in memory when absent. */
  readonly folder?: string | undefined;
  /** Called for each message of SNS and SQS and each object of S3, as it happens. */
  readonly onMessage: (message: SeenMessage) => void;
  /** Called for each message that a subscription could deliver nowhere. */
  readonly onUndelivered: (undelivered: Undelivered) => void;
  /** Called when the folder takes no more; it does not come back. */
  readonly onDiskError: (error: unknown) => never;
}

/** SNS, SQS, S3 and STS. */
export interface Fauxqs extends Service {
  readonly sqs: SqsStore;
  /** Where SNS puts the records of delivery streams. */
  readonly intakes: Intakes;
  /** Makes the URLs of queues from an earlier run those of this one, whose port may differ. */
  placeQueuesAt(endpoint: string): void;
  /** Ends open long polls and closes the files. */
  close(): Promise<void>;
}

/** @throws DiskError when the folder cannot be read or written. */
export async function openFauxqs(props: FauxqsProps): Promise<Fauxqs> {
  const { region, folder, onMessage, onUndelivered, onDiskError } = props;
  acceptAllOfUnicode();
  const sqsStore = new LocalSqsStore();
  const snsStore = new SnsStore();
  const s3Store = new S3Store();
  const persistence = folder === undefined ? undefined : openPersistence(folder, onDiskError);
  if (persistence) {
    persistence.load(sqsStore, snsStore, s3Store);
    loadDeadLetterSources(persistence, sqsStore);
    for (const store of [sqsStore, snsStore, s3Store]) store.persistence = persistence;
    for (const queue of sqsStore.allQueues()) {
      queue.persistence = persistence;
    }
  }
  const spy = { addMessage: onMessage } as MessageSpy;
  for (const store of [sqsStore, snsStore, s3Store]) store.spy = spy;
  for (const queue of sqsStore.allQueues()) queue.spy = spy;

  // Without a host QueueUrls repeat the Host header of the request, which the
  // client can reach; with one they read sqs.us-east-1.localhost, which many cannot.
  sqsStore.host = "";
  const app = buildApp({ logger: false, defaultRegion: region, stores: { sqsStore, snsStore, s3Store } });
  readBodies(app);
  answerInFormat(app);
  nameErrors(app);
  const moveTasks = new MessageMoveTasks(sqsStore);
  const intakes = new Intakes(persistence, sqsStore);
  addActions(app, { sns: snsStore, sqs: sqsStore, intakes, moveTasks, onFiltered: onMessage, onUndelivered });
  addS3Actions(app, s3Store, region);
  await app.ready();
  return {
    sqs: sqsStore,
    intakes,
    serves: [SNS, SQS, S3, STS],
    handle(request, response, { service, action, protocol }, form) {
      const refusal = service === S3 ? notTaken(request, action) : undefined;
      if (refusal) {
        answerError(request, response, refusal, protocol);
        return;
      }
      if (service === SQS && protocol === "query") {
        void answerSqsQuery(app, action, request, response, new URLSearchParams(String(form)));
        return;
      }
      if (service === S3) inPathStyle(request);
      else atRoot(request, protocol);
      if (form) giveBody(request, form);
      app.routing(request, response);
    },
    placeQueuesAt(endpoint) {
      for (const queue of sqsStore.allQueues()) Object.assign(queue, { url: endpoint + new URL(queue.url).pathname });
    },
    async close() {
      moveTasks.stop();
      sqsStore.shutdown();
      await app.close();
      persistence?.close();
    },
  };
}

/** fauxqs knows one way to write a bucket into the Host header, and not by all content types. */
function inPathStyle(request: IncomingMessage): void {
  request.url = s3Target(request).pathStyle;
  request.headers.host = `localhost:${request.socket.localPort}`;
}

/** fauxqs answers the other services at one path, by POST and with one content type each; clients may use a queue's path. */
function atRoot(request: IncomingMessage, protocol: Protocol): void {
  request.url = "/";
  request.method = "POST";
  request.headers["content-type"] =
    protocol === "query" ? "application/x-www-form-urlencoded" : "application/x-amz-json-1.0";
}

/** fauxqs refuses characters beyond U+FFFF in SendMessage; SQS takes them. */
function acceptAllOfUnicode(): void {
  INVALID_MESSAGE_BODY_CHAR.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]", "u");
}
