/**
 * A priority queue in which any item can be removed in logarithmic time, because each item knows its place.
 *
 * @typeParam Place - Name of the item's property with its place in this heap. Outside of the heap, the place is -1.
 */
export class Heap<Place extends string, Item extends Record<Place, number>> {
  private readonly items: Item[] = [];

  /**
   * @param key - The item with the lowest key comes first. The keys of items in the heap must keep their order.
   */
  constructor(
    private readonly place: Place,
    private readonly key: (item: Item) => number,
  ) {}

  get size(): number {
    return this.items.length;
  }

  first(): Item | undefined {
    return this.items[0];
  }

  /** Returns all items, in no particular order, in a new array. */
  all(): Item[] {
    return [...this.items];
  }

  add(item: Item): void {
    this.rise(this.items.length, item);
  }

  /** Removes an item that is in this heap. */
  remove(item: Item): void {
    const place: number = item[this.place];
    const last = this.items.pop() as Item;
    this.put(-1, item);
    if (last === item) return;
    const parent = this.items[(place - 1) >> 1];
    if (place > 0 && this.key(last) < this.key(parent as Item)) this.rise(place, last);
    else this.sink(place, last);
  }

  private put(place: number, item: Item): void {
    (item as Record<Place, number>)[this.place] = place;
    if (place >= 0) this.items[place] = item;
  }

  private rise(start: number, item: Item): void {
    const key = this.key(item);
    let place = start;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.items[above] as Item;
      if (this.key(parent) <= key) break;
      this.put(place, parent);
      place = above;
    }
    this.put(place, item);
  }

  private sink(start: number, item: Item): void {
    const key = this.key(item);
    let place = start;
    for (;;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      let below = left;
      let child = this.items[left];
      const other = this.items[right];
      if (child && other && this.key(other) < this.key(child)) [below, child] = [right, other];
      if (!child || this.key(child) >= key) break;
      this.put(place, child);
      place = below;
    }
    this.put(place, item);
  }
}
