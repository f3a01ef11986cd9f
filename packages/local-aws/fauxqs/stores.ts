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

/** An event of a message or S3 object that fauxqs reports, or a message that a filter policy dropped. */
export type SeenMessage = SpyMessage | FilteredSnsMessage;

export interface StoresOptions {
  /** Endpoint at the start of all queue URLs. */
  readonly endpoint: string;
  /** Folder in which all data is stored. @default - in memory */
  readonly folder: string | undefined;
  /** Called for each event of an SNS message, an SQS message or an S3 object. */
  readonly onMessage: (message: SeenMessage) => void;
  /** Called when a write to the folder fails. It must not return. */
  readonly onDiskError: (error: unknown) => never;
}

/** fauxqs's SQS, SNS and S3 stores. */
export interface Stores {
  readonly sqsStore: LocalSqsStore;
  readonly snsStore: SnsStore;
  readonly s3Store: S3Store;
  /** Writes the stores to disk; undefined if they are only in memory. */
  readonly persistence: PersistenceManager | undefined;
}

/** @throws DiskError when the folder cannot be read or written. */
export function openStores({ endpoint, folder, onMessage, onDiskError }: StoresOptions): Stores {
  allowSupplementaryCharacters();
  const stores = [new LocalSqsStore(), new SnsStore(), new S3Store()] as const;
  const [sqsStore, snsStore, s3Store] = stores;
  const persistence = folder === undefined ? undefined : openPersistence(folder, onDiskError);
  const spy = { addMessage: onMessage } as MessageSpy;
  persistence?.load(...stores);
  if (persistence) loadDeadLetterSources(persistence, sqsStore);
  for (const store of stores) Object.assign(store, { persistence, spy });
  for (const queue of sqsStore.allQueues()) {
    // The stored URL has the earlier run's port, which may differ.
    Object.assign(queue, { persistence, spy, url: endpoint + new URL(queue.url).pathname });
  }
  // Without a host, fauxqs uses the request's Host header in queue URLs. By default, it uses
  // sqs.us-east-1.localhost, which many clients cannot resolve.
  sqsStore.host = "";
  return { sqsStore, snsStore, s3Store, persistence };
}

/** Makes SendMessage accept characters above U+FFFF, as SQS does. fauxqs would reject them. */
function allowSupplementaryCharacters(): void {
  INVALID_MESSAGE_BODY_CHAR.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]", "u");
}
