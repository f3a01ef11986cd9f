/** A message of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/**
 * Cuts the text of a stream into its messages. Not EventSource: that can show
 * no token, nor say why it was refused.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class ServerSentEvents {
  private rest = "";

  /** @returns the messages that are whole with this piece of text. */
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
