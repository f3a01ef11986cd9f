// fauxqs exports buildApp() alone, and startFauxqs() listens on every interface.
// Its stores are reached by path, for the hooks on each message and for the
// folder that they persist to; the version is pinned for that reason.
import { mkdirSync } from "node:fs";
import { buildApp } from "fauxqs";
import { PersistenceManager } from "../../node_modules/fauxqs/dist/persistence.js";
import { S3Store } from "../../node_modules/fauxqs/dist/s3/s3Store.js";
import { SnsStore } from "../../node_modules/fauxqs/dist/sns/snsStore.js";
import type { MessageSpy, SpyMessage } from "../../node_modules/fauxqs/dist/spy.js";
import { SqsStore } from "../../node_modules/fauxqs/dist/sqs/sqsStore.js";
import { INVALID_MESSAGE_BODY_CHAR } from "../../node_modules/fauxqs/dist/sqs/sqsTypes.js";

export type { SqsQueue } from "../../node_modules/fauxqs/dist/sqs/sqsStore.js";
export type { SpyMessage };

export interface Fauxqs {
  readonly app: ReturnType<typeof buildApp>;
  readonly sqs: SqsStore;
  /** Makes the URLs of queues from an earlier run those of this one, whose port may differ. */
  placeQueuesAt(endpoint: string): void;
  /** Ends open long polls and closes the files. */
  close(): Promise<void>;
}

/** SNS, SQS and S3, not listening yet. */
export function buildFauxqs(region: string, onMessage: (message: SpyMessage) => void, dataDir?: string): Fauxqs {
  acceptAllOfUnicode();
  const sqsStore = new SqsStore();
  const snsStore = new SnsStore();
  const s3Store = new S3Store();
  const persistence = dataDir === undefined ? undefined : openPersistence(dataDir);
  if (persistence) {
    persistence.load(sqsStore, snsStore, s3Store);
    for (const store of [sqsStore, snsStore, s3Store]) store.persistence = persistence;
    for (const queue of sqsStore.allQueues()) {
      queue.persistence = persistence;
      // Whoever had received these died with the last run.
      for (const receiptHandle of [...queue.inflightMessages.keys()]) queue.changeVisibility(receiptHandle, 0);
    }
  }
  const spy = { addMessage: onMessage } as MessageSpy;
  for (const store of [sqsStore, snsStore, s3Store]) store.spy = spy;
  for (const queue of sqsStore.allQueues()) queue.spy = spy;

  // Without a host QueueUrls repeat the Host header of the request, which the
  // client can reach; with one they read sqs.us-east-1.localhost, which many cannot.
  sqsStore.host = "";
  const app = buildApp({ logger: false, defaultRegion: region, stores: { sqsStore, snsStore, s3Store } });
  return {
    app,
    sqs: sqsStore,
    placeQueuesAt(endpoint) {
      for (const queue of sqsStore.allQueues()) Object.assign(queue, { url: endpoint + new URL(queue.url).pathname });
    },
    async close() {
      sqsStore.shutdown();
      await app.close();
      persistence?.close();
    },
  };
}

function openPersistence(dataDir: string): PersistenceManager {
  mkdirSync(dataDir, { recursive: true });
  const persistence = new PersistenceManager(dataDir);
  // fauxqs 2.4.1 writes NULL into a NOT NULL column when a visibility timeout is
  // set to 0, which ends the process; and the receive count has to stay.
  const { db } = persistence as unknown as { db: { prepare(sql: string): { run(id: string): unknown } } };
  const makeReady = db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  persistence.updateMessageReady = (messageId) => void makeReady.run(messageId);
  return persistence;
}

/** fauxqs refuses characters beyond U+FFFF in SendMessage; SQS takes them. */
function acceptAllOfUnicode(): void {
  INVALID_MESSAGE_BODY_CHAR.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]", "u");
}
