/** A message of a server-sent events stream. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/**
 * Parses a server-sent events stream. The browser's EventSource cannot send an
 * Authorization header, and does not report the error of a rejected request.
 *
 * @example
 * for await (const chunk of chunks) for (const { event, data } of parser.push(chunk)) handle(event, data);
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class ServerSentEvents {
  private rest = "";

  /** Returns the messages that end in this chunk. */
  push(text: string): ServerSentEvent[] {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map((block) => {
      let event = "message";
      let id: string | undefined;
      const data: string[] = [];
      for (const line of block.split("\n")) {
        const [, field = "", value = ""] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
        if (field === "data") data.push(value);
        else if (field === "event") event = value;
        else if (field === "id") id = value;
      }
      return { event, data: data.join("\n"), id };
    });
  }
}
