import type { Letter, LetterFilter } from "@event-pipeline/operations/dlq/dead-letter-message";
import type { Looked } from "@event-pipeline/operations/dlq/peek-queue";
import type { Command } from "commander";
import { EXIT_CODES, type ExitCode } from "../exit-codes";
import { pointInTime } from "../option-values";
import type { Output } from "../output";

/** As commander parses them: which letters of which queue. */
export interface LetterOptions extends LetterFilter {
  readonly queue?: string;
}

/** Options that say which letters are meant. */
export function addLetterOptions(command: Command): Command {
  return command
    .option("--code <code>", "refused with that code; none: moved there by SQS after its receives")
    .option("--type <type>", "of events of that type")
    .option("--id <id>", "of that event id, MessageId of SNS, or of SQS")
    .option("--since <time>", "sent to the queue since then: 10m, 2h, 2026-01-02T03:04Z", pointInTime);
}

/** What is known of a letter, for programs. */
export function letterRecord(letter: Letter): object {
  const { message } = letter;
  return {
    sqs_message_id: letter.sqsMessageId,
    sns_message_id: letter.snsMessageId,
    event_type: letter.type,
    event_id: letter.eventId,
    error_code: letter.code,
    error_message: letter.reason,
    original_message_id: letter.originalMessageId,
    sent_at: letter.sentAt.toISOString(),
    receive_count: letter.receives,
    message_group_id: message.Attributes?.MessageGroupId,
    trace_header: message.Attributes?.AWSTraceHeader,
    message_attributes: Object.fromEntries(
      // The SDK gives undefined for the value of one called __proto__.
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue } = {}]) => [
        name,
        { type: DataType, value: BinaryValue ? Buffer.from(BinaryValue).toString("base64") : StringValue },
      ]),
    ),
    body: message.Body,
  };
}

/** Says what looking did to the queue, and how much of it was seen. */
export function noteLooked(output: Output, { seen, counts, whole, notGivenBack, holdSeconds }: Looked): ExitCode {
  output.note(
    `Saw ${seen} of about ${counts.visible} messages, and gave them back. Each look counts as a receive; nothing else changed.`,
  );
  if (counts.inFlight > 0) output.note(`Somebody else holds ${counts.inFlight} more: they are not shown.`);
  if (notGivenBack > 0) output.note(`${notGivenBack} come back by themselves, within ${holdSeconds} s.`);
  if (!whole && seen < counts.visible) {
    output.note("The queue holds more than may be looked at at once. Redrive or export some, then look again.");
    return EXIT_CODES.partly;
  }
  return EXIT_CODES.ok;
}
