import type { Hello, StreamUpdate } from "../api";
import { ApiClient } from "./api-client";
import { Connection } from "./connection";
import { EventBuffer } from "./event-buffer";
import { type ListFilter, listFilterOf, openEventOf, queryOf } from "./list-filter";
import { RateMeter } from "./rate-meter";

/** Milliseconds between a change of the text filter and the search on the server. */
const TYPING_MS = 150;
/** Minimum milliseconds between two searches on the server while events with truncated texts arrive. */
const SEARCH_MS = 1_000;

/** State of the entry in the browser's history that opened an event. */
const OPENED = "opened";

/** The state that the page's components share. */
export class PageState {
  readonly api: ApiClient;
  readonly connection: Connection;
  readonly events = new EventBuffer(10_000);
  readonly rates = new RateMeter<keyof StreamUpdate["counts"]>();
  hello: Hello | undefined;
  update: StreamUpdate | undefined;
  /** Time at which the latest update arrived, in epoch milliseconds; 0 before the first. */
  updatedAt = 0;
  /** True if the user dismissed the notice about missing events. */
  isMissingDismissed = false;
  /** True if the server restarted while the page was open. */
  wasRestarted = false;
  /** Reason why the latest search on the server failed. */
  searchError: string | undefined;
  filter: ListFilter = listFilterOf(location.search);
  /** Message ID of the open event. */
  openEvent = openEventOf(location.search);
  /** Message IDs of the events whose full text matches the filter. */
  private found: ReadonlySet<string> = new Set();
  /** Value of `events.truncated` at the latest search. */
  private searchedTruncated = -1;
  private searchTimer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;
  /** True if the latest change of the filter was typed. */
  private isTyping = false;
  private onChange: () => void = () => undefined;

  constructor(token: string | undefined) {
    this.api = new ApiClient(token);
    this.connection = new Connection({
      api: this.api,
      onHello: (hello) => this.handleHello(hello),
      onUpdate: (update) => this.handleUpdate(update),
      onState: () => this.changed(),
    });
    this.events.filter(this.filter, this.found);
  }

  /** @param onChange - Called immediately, and after changes at most once per frame. */
  start(onChange: () => void): void {
    this.onChange = onChange;
    onChange();
    window.addEventListener("popstate", () => {
      this.isTyping = false;
      this.openEvent = openEventOf(location.search);
      this.apply(listFilterOf(location.search));
    });
    // Updates relative times such as "3 s ago".
    setInterval(() => this.changed(), 1_000);
    this.connection.start();
  }

  /**
   * Applies the filter and puts it into the URL.
   *
   * @param isTyping - True while the user types. All characters are then one step in the browser's history.
   */
  setFilter(filter: ListFilter, isTyping = false): void {
    const url = location.pathname + queryOf(filter, this.openEvent);
    if (isTyping && this.isTyping) history.replaceState(null, "", url);
    else if (queryOf(filter) !== queryOf(this.filter)) history.pushState(null, "", url);
    this.isTyping = isTyping;
    this.apply(filter);
  }

  /** Opens an event, and puts it into the URL. Going back in the browser's history closes it. */
  open(messageId: string): void {
    const url = location.pathname + queryOf(this.filter, messageId);
    if (this.openEvent === undefined) history.pushState(OPENED, "", url);
    else history.replaceState(history.state, "", url);
    this.isTyping = false;
    this.openEvent = messageId;
    this.changed();
  }

  /** Closes the open event. Goes back in the browser's history if the latest entry opened it. */
  close(): void {
    if (this.openEvent === undefined) return;
    if (history.state === OPENED) history.back();
    else history.replaceState(null, "", location.pathname + queryOf(this.filter));
    this.openEvent = undefined;
    this.changed();
  }

  dismissMissing(): void {
    this.isMissingDismissed = true;
    this.changed();
  }

  pause(): void {
    this.events.pause();
    this.changed();
  }

  resume(): void {
    this.events.resume();
    this.changed();
  }

  private handleHello(hello: Hello): void {
    this.wasRestarted = this.hello !== undefined && this.hello.run !== hello.run;
    if (this.hello?.run !== hello.run) {
      this.events.clear(hello.maxEvents);
      this.isMissingDismissed = false;
      this.rates.clear();
      this.update = undefined;
    }
    this.hello = hello;
    this.api.token = hello.token ?? this.api.token;
    document.title = `${hello.name} · event-pipeline`;
    this.changed();
  }

  private handleUpdate(update: StreamUpdate): void {
    this.update = update;
    this.updatedAt = Date.now();
    this.events.apply(update);
    this.rates.add(update.counts, performance.now());
    if (this.searchTimer === undefined) this.searchAfter(SEARCH_MS);
    this.changed();
  }

  private apply(filter: ListFilter): void {
    const isOtherText = filter.text !== this.filter.text;
    this.filter = filter;
    if (isOtherText) {
      this.found = new Set();
      this.searchError = undefined;
      this.searchedTruncated = -1;
      this.searchAfter(TYPING_MS);
    }
    this.events.filter(filter, this.found);
    this.changed();
  }

  /** Schedules a search on the server if a text filter is set and truncated texts arrived since the latest search. */
  private searchAfter(delayMs: number): void {
    clearTimeout(this.searchTimer);
    this.searchTimer = undefined;
    if (this.filter.text.trim() === "" || this.events.truncated <= this.searchedTruncated) return;
    this.searchTimer = setTimeout(() => {
      this.searchTimer = undefined;
      void this.search();
    }, delayMs);
  }

  private async search(): Promise<void> {
    const { text } = this.filter;
    const { truncated } = this.events;
    const found = await this.api.search(text.trim()).catch((error: Error) => error);
    if (text !== this.filter.text) return;
    this.searchError = found instanceof Error ? found.message : undefined;
    // If the search fails, the filter matches only the beginnings of long texts, and the next update searches again.
    if (!(found instanceof Error)) {
      this.searchedTruncated = truncated;
      this.found = new Set(found);
    }
    this.events.filter(this.filter, this.found);
    this.changed();
  }

  private changed(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.onChange();
    });
  }
}
