import type { FilteredSnsMessage } from "../sns/subscription-delivery";
import { LocalSqsStore } from "../sqs/local-queue";
import {
  INVALID_MESSAGE_BODY_CHAR,
  type MessageSpy,
  type PersistenceManager,
  S3Store,
  SnsStore,
  type SpyMessage,
} from "./parts";
import { loadDeadLetterSources, openPersistence } from "./persistence";

export type { SqsQueue } from "./parts";

/** An event of a message: one that fauxqs reports, or a message that a filter policy dropped. */
export type SeenMessage = SpyMessage | FilteredSnsMessage;

export interface StoresProps {
  /** Base URL of the queues' URLs. */
  readonly endpoint: string;
  /** Folder that keeps all data. @default - in memory */
  readonly folder: string | undefined;
  /** Called for each message of SNS and SQS and each object of S3. */
  readonly onMessage: (message: SeenMessage) => void;
  /** Called when the folder cannot be written to. It must not return. */
  readonly onDiskError: (error: unknown) => never;
}

/** fauxqs's stores of SQS, SNS and S3. */
export interface Stores {
  readonly sqsStore: LocalSqsStore;
  readonly snsStore: SnsStore;
  readonly s3Store: S3Store;
  /** Keeps the stores on disk; undefined in memory. */
  readonly persistence: PersistenceManager | undefined;
}

/** @throws DiskError when the folder cannot be read or written. */
export function openStores({ endpoint, folder, onMessage, onDiskError }: StoresProps): Stores {
  allowAllOfUnicode();
  const stores = [new LocalSqsStore(), new SnsStore(), new S3Store()] as const;
  const [sqsStore, snsStore, s3Store] = stores;
  const persistence = folder === undefined ? undefined : openPersistence(folder, onDiskError);
  const spy = { addMessage: onMessage } as MessageSpy;
  persistence?.load(...stores);
  if (persistence) loadDeadLetterSources(persistence, sqsStore);
  for (const store of stores) Object.assign(store, { persistence, spy });
  for (const queue of sqsStore.allQueues()) {
    // The port may differ from the earlier run's.
    Object.assign(queue, { persistence, spy, url: endpoint + new URL(queue.url).pathname });
  }
  // Without a host, queue URLs repeat the request's Host header. With one they read
  // sqs.us-east-1.localhost, which many clients cannot resolve.
  sqsStore.host = "";
  return { sqsStore, snsStore, s3Store, persistence };
}

/** Allows characters beyond U+FFFF in SendMessage, which fauxqs rejects and SQS accepts. */
function allowAllOfUnicode(): void {
  INVALID_MESSAGE_BODY_CHAR.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]", "u");
}
