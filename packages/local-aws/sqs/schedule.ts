import type { CancelTimer, Clock } from "../clock";
import { Heap } from "./heap";

/** Items that wait for a time, with one timer for all of them. */
export class Schedule<Place extends string, Item extends Record<Place, number>> {
  private readonly items: Heap<Place, Item>;
  private timer: { readonly at: number; readonly cancel: CancelTimer } | undefined;

  /**
   * @param dueAt - Returns an item's time, in milliseconds since 1970. It may change, if all times change by the same.
   * @param end - Called for each item whose time has come, after its removal.
   */
  constructor(
    place: Place,
    private readonly dueAt: (item: Item) => number,
    private readonly clock: Clock,
    private readonly end: (item: Item) => void,
  ) {
    this.items = new Heap(place, dueAt);
  }

  get size(): number {
    return this.items.size;
  }

  /** Returns the item whose time comes first. */
  first(): Item | undefined {
    return this.items.first();
  }

  all(): Item[] {
    return this.items.all();
  }

  add(item: Item): void {
    this.items.add(item);
    this.arm();
  }

  /** Removes an item. The timer stays, because most items are removed before their time. */
  remove(item: Item): void {
    this.items.remove(item);
  }

  /** Ends the items whose time has come. Their timer may be late. */
  settle(): void {
    const now = this.clock.now();
    for (let item = this.items.first(); item && this.dueAt(item) <= now; item = this.items.first()) {
      this.items.remove(item);
      this.end(item);
    }
  }

  /** Sets the timer for the first item, unless it fires earlier already. */
  private arm(): void {
    const first = this.items.first();
    if (!first) return;
    const at = this.dueAt(first);
    if (this.timer && this.timer.at <= at) return;
    this.timer?.cancel();
    const cancel = this.clock.after(at - this.clock.now(), () => {
      this.timer = undefined;
      this.settle();
      this.arm();
    });
    this.timer = { at, cancel };
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
