import { parseEvent } from "@event-pipeline/event-model/event";
import { eventIdOf, storedIdOf } from "@event-pipeline/event-model/item/key";
import type { LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import type { ArchivedRecord } from "../../archive/archived-records";
import { UsageError } from "../../errors";

/** Characters that JSON, sort keys and quoted filter patterns do not escape. */
const PLAIN = /[\w.:/-]+/g;
/** The minimum length of a text to search for. A shorter text would match too many lines. */
const MIN_TEXT = 4;

/** An ID to search for: a MessageId from SNS or SQS, or an event's own ID. */
export class SearchedId {
  /** The ID as the handler stores it: a hash if the ID is too long for a key. */
  readonly keyId: string;

  /** @throws UsageError when the ID is empty. */
  constructor(readonly id: string) {
    if (id === "") throw new UsageError("Empty ID: expected the MessageId that publish printed, or the event's ID.");
    this.keyId = String(storedIdOf(parseEvent({ message: JSON.stringify({ id }) })));
  }

  /** A text that every log line with the ID contains; undefined if there is none. */
  get logText(): string | undefined {
    // In a sort key, an event's own ID is between two `#`.
    const isPlain = this.keyId.match(PLAIN)?.[0] === this.keyId;
    return this.text ?? (isPlain ? `#${this.keyId}#` : undefined);
  }

  matchesLogged(record: LoggedRecord): boolean {
    const { sns_message_id, sqs_message_id } = record;
    return [sns_message_id, sqs_message_id].includes(this.id) || eventIdOf(record) === this.keyId;
  }

  /** @param mappings - The mappings by which the event's own ID may be found, besides its member `id`. */
  matchesArchived({ envelope, body }: ArchivedRecord, mappings: readonly Mapping[]): boolean {
    if (envelope.messageId === this.id) return true;
    // Text without \u escapes that lacks the ID is not parsed. Parsing is slow. A mapping may join an ID from several parts.
    const { text } = this;
    const isWhole = mappings.every(({ entries }) => entries.length === 0);
    if (isWhole && text !== undefined && this.keyId === this.id && !body.includes(text) && !body.includes("\\u")) {
      return false;
    }
    try {
      return [Mapping.NONE, ...mappings].some(
        (mapping) => storedIdOf(parseEvent(envelope, { mapping, maxValues: 0 })) === this.keyId,
      );
    } catch {
      return false; // The message is not an event.
    }
  }

  /** The longest part of the ID that needs no escapes; undefined if it is too short to search for. */
  private get text(): string | undefined {
    const longest = (this.keyId.match(PLAIN) ?? []).sort((one, other) => other.length - one.length)[0] ?? "";
    return longest.length >= MIN_TEXT ? longest : undefined;
  }
}
