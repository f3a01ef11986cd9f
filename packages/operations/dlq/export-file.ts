import { hash, randomUUID } from "node:crypto";
import { type FileHandle, link, lstat, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { OperationError, UsageError } from "../errors";
import type { DeadLetterMessage } from "./dead-letter-message";

/** The object that `dlq export` writes for a message. */
export interface DeadLetterRecord {
  /** The name of the dead-letter queue. */
  readonly queue: string;
  readonly sqs_message_id: string;
  readonly sns_message_id: string | undefined;
  readonly event_type: string | undefined;
  readonly event_id: string | undefined;
  readonly error_code: string | undefined;
  readonly error_message: string | undefined;
  readonly original_message_id: string | undefined;
  readonly sent_at: Date;
  readonly receive_count: number;
  readonly message_group_id: string | undefined;
  readonly trace_header: string | undefined;
  /** Each attribute's type and value, by name. Binary values are in base64. */
  readonly message_attributes: Readonly<Record<string, { readonly type?: string; readonly value?: string }>>;
  readonly body: string;
}

/** Returns the record of a message from a dead-letter queue. */
export function deadLetterRecord(deadLetter: DeadLetterMessage, queue: string): DeadLetterRecord {
  const { message } = deadLetter;
  // The SDK returns undefined for an attribute called __proto__.
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { DataType, StringValue, BinaryValue } = {}]) => [
      name,
      { type: DataType, value: BinaryValue ? Buffer.from(BinaryValue).toString("base64") : StringValue },
    ],
  );
  return {
    queue,
    sqs_message_id: deadLetter.sqsMessageId,
    sns_message_id: deadLetter.snsMessageId,
    event_type: deadLetter.type,
    event_id: deadLetter.eventId,
    error_code: deadLetter.code,
    error_message: deadLetter.reason,
    original_message_id: deadLetter.originalMessageId,
    sent_at: deadLetter.sentAt,
    receive_count: deadLetter.receiveCount,
    message_group_id: message.Attributes?.MessageGroupId,
    trace_header: message.Attributes?.AWSTraceHeader,
    message_attributes: Object.fromEntries(attributes),
    body: String(message.Body),
  };
}

/** Returns a digest of everything that a message's sender set. */
export function contentDigest(record: DeadLetterRecord): string {
  const { body, message_attributes, message_group_id = null, trace_header = null } = record;
  const attributes = Object.entries(message_attributes).map(([name, { type, value }]) => [name, type, value]);
  const content = [body, message_group_id, trace_header, ...attributes.map((each) => JSON.stringify(each)).sort()];
  return hash("sha256", JSON.stringify(content), "base64");
}

/**
 * A new file for dead letters. It has a temporary name until it is complete, so that a file with the given name is always
 * a complete export, even if the process is killed.
 *
 * @example
 * const file = await ExportFile.create("letters.ndjson");
 * for (const record of records) await file.append(JSON.stringify(record));
 * await file.save();
 */
export class ExportFile {
  private constructor(
    private readonly path: string,
    private readonly draft: string,
    private readonly handle: FileHandle,
  ) {}

  /** @throws UsageError when the file exists, or cannot be created. */
  static async create(path: string): Promise<ExportFile> {
    // An existing file is never overwritten: it may be the only copy of purged messages.
    if (await lstat(path).catch(() => undefined)) throw alreadyExists(path);
    const draft = `${path}.${randomUUID()}.incomplete`;
    try {
      return new ExportFile(path, draft, await open(draft, "wx"));
    } catch (cause) {
      throw new UsageError(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  /** @throws OperationError when the file cannot be written. */
  async append(line: string): Promise<void> {
    await this.handle.appendFile(`${line}\n`).catch((cause) => this.fail(cause));
  }

  /**
   * Gives the file its name after its content is on the disk.
   *
   * @throws OperationError when the file cannot be written, or a file with this name was created meanwhile.
   */
  async save(): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
      await linkOrRename(this.draft, this.path);
    } catch (cause) {
      this.fail(cause as NodeJS.ErrnoException);
    }
    // Not every system can flush a folder. The file has its name and its content in any case.
    const folder = await open(dirname(this.path)).catch(() => undefined);
    await folder?.sync().catch(() => undefined);
    await folder?.close();
  }

  /** Removes everything that was written. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await unlink(this.draft).catch(() => undefined);
  }

  private fail(cause: NodeJS.ErrnoException): never {
    if (cause.code === "EEXIST") throw alreadyExists(this.path);
    throw new OperationError(`Cannot write ${this.path}: ${cause.message}.`, { cause });
  }
}

function alreadyExists(path: string): UsageError {
  return new UsageError(`File already exists: ${path}. Give another name.`);
}

/** Renames a file. Unlike `rename` alone, never replaces another file. */
async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // Some file systems have no hard links.
    await (await open(to, "wx")).close();
    await rename(from, to);
    return;
  }
  await unlink(from);
}

/**
 * Reads a file of `dlq export`.
 *
 * @param queue - The name of the queue that the messages must be from.
 * @returns the digest of each message's content, by its MessageId from SQS.
 * @throws UsageError when the file cannot be read, is cut off, is not an export, or is an export of another queue.
 */
export async function readExportFile(path: string, queue: string): Promise<Map<string, string>> {
  const handle = await open(path).catch((cause: Error) => {
    throw new UsageError(`Cannot read ${path}: ${cause.message}. Nothing was deleted.`, { cause });
  });
  try {
    const { size } = await handle.stat();
    const last = await handle.read({ buffer: Buffer.alloc(1), position: Math.max(0, size - 1) });
    if (size > 0 && last.buffer.toString() !== "\n") {
      throw new UsageError(`${path} is cut off in its last line. Nothing was deleted. Export the messages again.`);
    }
    const digestById = new Map<string, string>();
    let line = 0;
    for await (const text of handle.readLines({ start: 0, autoClose: false })) {
      line += 1;
      const record = parsed(text);
      if (!record) {
        throw new UsageError(`Line ${line} of ${path} is not a message from dlq export. Nothing was deleted.`);
      }
      if (record.queue !== queue) {
        throw new UsageError(
          `Line ${line} of ${path} is from the queue ${record.queue}, not from ${queue}. Nothing was deleted. Give --queue ${record.queue}, or another file.`,
        );
      }
      digestById.set(record.sqs_message_id, contentDigest(record));
    }
    return digestById;
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`Cannot read ${path}: ${(cause as Error).message}. Nothing was deleted.`, { cause });
  } finally {
    await handle.close();
  }
}

function parsed(line: string): DeadLetterRecord | undefined {
  try {
    const record = JSON.parse(line) as DeadLetterRecord;
    const { queue, sqs_message_id, body, message_attributes } = record;
    const isRecord = [queue, sqs_message_id, body].every((member) => typeof member === "string");
    return isRecord && typeof message_attributes === "object" && message_attributes !== null ? record : undefined;
  } catch {
    return undefined;
  }
}
