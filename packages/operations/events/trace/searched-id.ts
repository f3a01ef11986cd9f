import { parseEvent } from "@event-pipeline/event-model/event";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import type { LoggedRecord } from "@event-pipeline/event-model/log-lines";
import type { ArchivedRecord } from "../../archive/archived-records";
import { UsageError } from "../../errors";
import { eventIdOf } from "../event-key-parts";

/** Characters that every encoding leaves unchanged, and that a quoted filter pattern may contain. */
const PLAIN = /[\w.:/-]+/g;
/** A shorter text is in too many lines. */
const MIN_TEXT = 4;

/** An id to search for: a MessageId from SNS or SQS, or an event's own id. */
export class SearchedId {
  /** The id as the handler stores it: a hash if it is too long for a key. */
  readonly keyId: string;

  /** @throws UsageError when the id is empty. */
  constructor(readonly id: string) {
    if (id === "")
      throw new UsageError("The id is empty: expected the MessageId that publish printed, or the event's id.");
    const event = JSON.stringify({ id });
    const envelope = { message: event, messageId: "unknown", timestamp: new Date(0) };
    this.keyId = eventKeyOf(parseEvent(event), envelope).event_id;
  }

  /** A text that is in every log line with the id; undefined when the id has no searchable text. */
  get logText(): string | undefined {
    // In a sort key, an event's own id stands between two `#`.
    const isPlain = this.keyId.match(PLAIN)?.[0] === this.keyId;
    return this.text ?? (isPlain ? `#${this.keyId}#` : undefined);
  }

  matchesLogged(record: LoggedRecord): boolean {
    const { sns_message_id, sqs_message_id } = record;
    return [sns_message_id, sqs_message_id].includes(this.id) || eventIdOf(record) === this.keyId;
  }

  matchesArchived({ envelope, body }: ArchivedRecord): boolean {
    if (envelope.messageId === this.id) return true;
    // An id may be written with escapes, and then the search in the text proves nothing.
    const { text } = this;
    if (text !== undefined && this.keyId === this.id && !body.includes(text) && !body.includes("\\u")) return false;
    try {
      const event = parseEvent(envelope.message);
      return event.members.has("id") && eventKeyOf(event, envelope).event_id === this.keyId;
    } catch {
      return false; // An event without a key has no id.
    }
  }

  /** The longest part of the id that every encoding leaves unchanged; undefined when it is too short. */
  private get text(): string | undefined {
    const longest = (this.keyId.match(PLAIN) ?? []).sort((one, other) => other.length - one.length)[0] ?? "";
    return longest.length >= MIN_TEXT ? longest : undefined;
  }
}
