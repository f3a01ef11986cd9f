import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import { parseJsonLine } from "./handler-line";

const NO_REASON = "handed back; the handler logged no reason";

/** Why a handler handed messages back, by what it logged in that invocation. */
export class HandedBackReasons {
  private readonly reasonById = new Map<string, string>();

  /** To be called with each line of the invocation; the last one about a message counts. */
  read(line: string): void {
    if (!line.includes(LOG_FIELDS.reason)) return;
    const { [LOG_FIELDS.reason]: reason, ...fields } = parseJsonLine(line) ?? {};
    if (typeof reason !== "string") return;
    for (const id of [fields[LOG_FIELDS.messageId], fields[LOG_FIELDS.messageIds]].flat()) {
      if (typeof id === "string") this.reasonById.set(id, reason);
    }
  }

  of(messageId: string): string {
    return this.reasonById.get(messageId) ?? NO_REASON;
  }
}
