import { parseEvent } from "@event-pipeline/event-model/event";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import type { EndedRecord } from "@event-pipeline/event-model/log-lines";
import { UsageError } from "../../errors";
import { eventIdOf } from "../event-key-parts";

/** Characters that every encoding of a text leaves as they are, and that a filter pattern takes in quotes. */
const PLAIN = /[\w.:/-]+/g;

/** With fewer, text finds too much to be of help. */
const MIN_TEXT = 4;

/** An id that is looked for: SNS's MessageId, SQS's, or the event's own. */
export class WantedId {
  /** As the handler keeps an event's own id: a hash of one that is too long. */
  readonly keyId: string;

  /** @throws UsageError when there is none. */
  constructor(readonly id: string) {
    if (id === "") throw new UsageError("The id is empty. Give the MessageId that publish printed, or the event's id.");
    const event = JSON.stringify({ id });
    const envelope = { message: event, messageId: "unknown", timestamp: new Date(0) };
    this.keyId = eventKeyOf(parseEvent(event), envelope).event_id;
  }

  /** A text that every line and every envelope has that names it; undefined when there is none to go by. */
  get text(): string | undefined {
    const longest = (this.keyId.match(PLAIN) ?? []).sort((one, other) => other.length - one.length)[0] ?? "";
    return longest.length >= MIN_TEXT ? longest : undefined;
  }

  /** The same for lines of the log, where `#` is on either side of an event's own id. */
  get logText(): string | undefined {
    const isPlain = this.keyId.match(PLAIN)?.[0] === this.keyId;
    return this.text ?? (isPlain ? `#${this.keyId}#` : undefined);
  }

  isOf(end: EndedRecord): boolean {
    return (
      this.isMessageId(end.sns_message_id) || this.isMessageId(end.sqs_message_id) || eventIdOf(end) === this.keyId
    );
  }

  isMessageId(id: unknown): boolean {
    return id === this.id;
  }
}
