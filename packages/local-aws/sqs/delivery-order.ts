import type { Delivery } from "../host";

/** Maximum number of positions by which a message may come too early or too late. */
const MAX_SHIFT = 32;
/** Share of receives, and of deletions, that a duplicate follows. */
const DUPLICATE_SHARE = 0.1;

/** Determines in which order a queue delivers its messages, and which ones it delivers twice. */
export class DeliveryOrder {
  private last = 0;
  private readonly random: () => number;

  constructor(
    private readonly delivery: Delivery,
    queueName: string,
  ) {
    // Each queue has its own sequence, which does not depend on what happens in the others.
    const seed = [...queueName].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, delivery.seed);
    this.random = randomNumbers(seed);
  }

  /** Returns the rank of a message that becomes visible. */
  next(): number {
    this.last++;
    return this.delivery.shuffled ? this.last + this.random() * MAX_SHIFT : this.last;
  }

  isDuplicated(): boolean {
    return this.delivery.shuffled && this.random() < DUPLICATE_SHARE;
  }
}

/** Returns a function that returns numbers from 0 to 1: the same ones for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    // A linear congruential generator. Its high bits are sufficient for an order.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}
