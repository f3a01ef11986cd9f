import { type Attributes, bytesOf, MAX_BYTES, type Outgoing, refusalOf } from "./event-message";
import { linesOf } from "./ndjson-lines";

/** Messages that a group of one text has; what follows is made when these are on their way. */
const GROUP = 100;

/** One text, so many times. */
export async function* repeated(message: string, count: number): AsyncGenerator<Outgoing[], void, void> {
  for (let line = 1; line <= count; line += GROUP) {
    yield Array.from({ length: Math.min(GROUP, count - line + 1) }, (_, index) => ({ line: line + index, message }));
  }
}

/**
 * The lines of ndjson, each one message, as they are written.
 *
 * @param validate - Whether to refuse events that the handler would refuse. Messages above the SNS limit are always refused.
 */
export async function* ndjson(
  stream: AsyncIterable<Buffer>,
  { attributes, validate }: { readonly attributes: Attributes; readonly validate: boolean },
): AsyncGenerator<Outgoing[], void, void> {
  for await (const lines of linesOf(stream, MAX_BYTES)) {
    yield lines.map(({ number: line, text: message, refusal }) => {
      const why = refusal ?? tooLarge(message, attributes) ?? (validate ? refusalOf(message) : undefined);
      return why === undefined ? { line, message } : { line, message: "", refusal: why };
    });
  }
}

/** Why SNS would not take a message; undefined when it would. */
export function tooLarge(message: string, attributes: Attributes): string | undefined {
  const bytes = bytesOf(message, attributes);
  return bytes > MAX_BYTES
    ? `The message has ${bytes} bytes with its attributes, and SNS takes ${MAX_BYTES} (256 KiB).`
    : undefined;
}
