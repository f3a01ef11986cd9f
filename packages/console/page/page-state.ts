import type { Hello, StreamUpdate } from "../api";
import { ApiClient } from "./api-client";
import { Connection, type ConnectionState } from "./connection";
import { EventBuffer } from "./event-buffer";
import { filterOf, type ListFilter, queryOf } from "./list-filter";
import { RateMeter } from "./rate-meter";

/** Interval in milliseconds of searches on the server while events with truncated texts arrive. */
const SEARCH_MS = 1_000;

/** The state of the page, apart from its components. */
export class PageState {
  readonly api = new ApiClient(() => this.token);
  readonly events = new EventBuffer(10_000);
  readonly rates = new RateMeter<keyof StreamUpdate["counts"]>();
  hello: Hello | undefined;
  update: StreamUpdate | undefined;
  /** Time of the latest update by this browser's clock, in epoch milliseconds. */
  updatedAt = 0;
  connection: ConnectionState = "connecting";
  reason: string | undefined;
  /** True if the server restarted while the page was open. */
  wasRestarted = false;
  filter: ListFilter = filterOf(location.search);
  private found: ReadonlySet<string> = new Set();
  private searchedTruncated = -1;
  private searchTimer: ReturnType<typeof setTimeout> | undefined;
  private listener: () => void = () => undefined;
  private frame = 0;

  constructor(private token: string | undefined) {
    this.events.filter(this.filter, this.found);
  }

  /** @param listener - Called at most once per frame after a change. */
  onChange(listener: () => void): void {
    this.listener = listener;
  }

  start(): void {
    const connection = new Connection({
      token: () => this.token,
      onHello: (hello) => this.handleHello(hello),
      onUpdate: (update) => this.handleUpdate(update),
      onState: (state, reason) => {
        this.connection = state;
        this.reason = reason;
        this.changed();
      },
    });
    window.addEventListener("popstate", () => this.apply(filterOf(location.search)));
    // Relative times such as "3 s ago" grow.
    setInterval(() => this.changed(), 1_000);
    connection.start();
  }

  setFilter(filter: ListFilter): void {
    history.replaceState(null, "", location.pathname + queryOf(filter));
    this.apply(filter);
  }

  hold(): void {
    if (this.events.isHeld) return;
    this.events.hold();
    this.changed();
  }

  release(): void {
    if (!this.events.isHeld) return;
    this.events.release();
    this.changed();
  }

  private handleHello(hello: Hello): void {
    this.wasRestarted = this.hello !== undefined && this.hello.run !== hello.run;
    if (this.hello?.run !== hello.run) {
      this.events.clear(hello.maxEvents);
      this.rates.clear();
    }
    this.hello = hello;
    this.token = hello.token ?? this.token;
    document.title = `${hello.name} · event-pipeline`;
    this.changed();
  }

  private handleUpdate(update: StreamUpdate): void {
    this.update = update;
    this.updatedAt = Date.now();
    this.events.apply(update);
    this.rates.add(update.counts, performance.now());
    if (this.filter.text.trim() !== "" && this.events.truncated > this.searchedTruncated) this.searchSoon(SEARCH_MS);
    this.changed();
  }

  private apply(filter: ListFilter): void {
    const isOtherText = filter.text !== this.filter.text;
    this.filter = filter;
    if (isOtherText) {
      this.found = new Set();
      this.searchedTruncated = -1;
      if (filter.text.trim() !== "") this.searchSoon(150);
    }
    this.events.filter(filter, this.found);
    this.changed();
  }

  /** Schedules a search on the server, because a row has only the beginning of a long text. */
  private searchSoon(delayMs: number): void {
    if (this.searchTimer !== undefined && delayMs === SEARCH_MS) return;
    clearTimeout(this.searchTimer);
    this.searchTimer = setTimeout(() => {
      this.searchTimer = undefined;
      void this.search();
    }, delayMs);
  }

  private async search(): Promise<void> {
    const { text } = this.filter;
    const { truncated } = this.events;
    if (text.trim() === "" || truncated <= this.searchedTruncated) return;
    const ids = await this.api.search(text.trim()).catch((error: Error) => {
      this.reason = error.message;
      return [];
    });
    if (text !== this.filter.text) return;
    this.searchedTruncated = truncated;
    this.found = new Set(ids);
    this.events.filter(this.filter, this.found);
    this.changed();
  }

  private changed(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.listener();
    });
  }
}
