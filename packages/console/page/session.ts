import type { Batch, Hello } from "../api";
import { ApiClient } from "./api-client";
import { Connection, type ConnectionState } from "./connection";
import { EventStore } from "./event-store";
import { type Filter, filterOf, queryOf } from "./filter";
import { RateMeter } from "./rate-meter";

/** Milliseconds between two searches on the server, while events come that it has to look into. */
const SEARCH_MS = 1_000;

/** All that the page knows, outside of what it shows. */
export class Session {
  readonly api = new ApiClient(() => this.token);
  readonly events = new EventStore(10_000);
  readonly rates = new RateMeter<keyof Batch["counts"]>();
  hello: Hello | undefined;
  batch: Batch | undefined;
  /** Of the latest batch, by this browser's clock. */
  heardAt = 0;
  state: ConnectionState = "connecting";
  reason: string | undefined;
  /** Whether the server was started anew under the page's eyes. */
  wasRestarted = false;
  filter: Filter = filterOf(location.search);
  private found: ReadonlySet<string> = new Set();
  private searchedCut = -1;
  private searchTimer: ReturnType<typeof setTimeout> | undefined;
  private listener: () => void = () => undefined;
  private frame = 0;

  constructor(private token: string | undefined) {
    this.events.filter(this.filter, this.found);
  }

  /** @param listener - Told at most once a frame that something has changed. */
  onChange(listener: () => void): void {
    this.listener = listener;
  }

  start(): void {
    const connection = new Connection({
      token: () => this.token,
      onHello: (hello) => this.greet(hello),
      onBatch: (batch) => this.take(batch),
      onState: (state, reason) => {
        this.state = state;
        this.reason = reason;
        this.changed();
      },
    });
    window.addEventListener("popstate", () => this.apply(filterOf(location.search)));
    // What is shown as so and so long ago grows older.
    setInterval(() => this.changed(), 1_000);
    connection.start();
  }

  setFilter(filter: Filter): void {
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

  private greet(hello: Hello): void {
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

  private take(batch: Batch): void {
    this.batch = batch;
    this.heardAt = Date.now();
    this.events.apply(batch);
    this.rates.add(batch.counts, performance.now());
    if (this.filter.text.trim() !== "" && this.events.cut > this.searchedCut) this.searchSoon(SEARCH_MS);
    this.changed();
  }

  private apply(filter: Filter): void {
    const isOtherText = filter.text !== this.filter.text;
    this.filter = filter;
    if (isOtherText) {
      this.found = new Set();
      this.searchedCut = -1;
      if (filter.text.trim() !== "") this.searchSoon(150);
    }
    this.events.filter(filter, this.found);
    this.changed();
  }

  /** A row has the beginning of a long text; the rest is the server's to look into. */
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
    const { cut } = this.events;
    if (text.trim() === "" || cut <= this.searchedCut) return;
    const ids = await this.api.search(text.trim()).catch((error: Error) => {
      this.reason = error.message;
      return [];
    });
    if (text !== this.filter.text) return;
    this.searchedCut = cut;
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
