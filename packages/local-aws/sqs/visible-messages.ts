import { Heap } from "./heap";
import type { QueuedMessage } from "./message";

/** The messages with the same MessageGroupId. */
interface Group {
  readonly id: string;
  readonly messages: Heap<"place", QueuedMessage>;
  inFlight: number;
  /** Place among the groups with visible messages. */
  place: number;
}

/** A group with fewer messages in flight is quiet. */
const MIN_NOISY_IN_FLIGHT = 30;
/** A group with a smaller share of the messages in flight is quiet. */
const MIN_NOISY_SHARE = 0.1;

/**
 * The visible messages of a fair queue. It gives out those of the lowest rank first. But while a group has an
 * unproportional share of the messages in flight, messages of the other groups come first.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
export class VisibleMessages {
  private readonly groups = new Map<string, Group>();
  /** Groups with visible messages, ordered by their first one. */
  private readonly ready = new Heap<"place", Group>("place", ({ messages }) => messages.first()?.rank ?? 0);
  private inFlight = 0;
  /** Number of visible messages, without duplicates. */
  size = 0;

  add(message: QueuedMessage): void {
    this.change(this.groupOf(message), ({ messages }) => messages.add(message));
    if (!message.isDuplicate) this.size++;
  }

  remove(message: QueuedMessage): void {
    this.change(this.groupOf(message), ({ messages }) => messages.remove(message));
    if (!message.isDuplicate) this.size--;
  }

  /** Returns the message that is next. */
  first(): QueuedMessage | undefined {
    const first = this.ready.first();
    if (!first || !this.isNoisy(first)) return first?.messages.first();
    // At most nine groups can have more than a tenth of the messages in flight.
    const noisy: Group[] = [];
    let group: Group | undefined = first;
    while (group && this.isNoisy(group)) {
      this.ready.remove(group);
      noisy.push(group);
      group = this.ready.first();
    }
    for (const each of noisy) this.ready.add(each);
    group ??= noisy.reduce((least, each) => (each.inFlight < least.inFlight ? each : least));
    return group.messages.first();
  }

  /** Counts a message as in flight. */
  lease(message: QueuedMessage): void {
    this.groupOf(message).inFlight++;
    this.inFlight++;
  }

  /** Counts a message as no longer in flight. */
  release(message: QueuedMessage): void {
    this.change(this.groupOf(message), (group) => group.inFlight--);
    this.inFlight--;
  }

  private isNoisy({ id, inFlight }: Group): boolean {
    // On AWS, each message without a group ID is in a group of its own.
    return id !== "" && inFlight >= MIN_NOISY_IN_FLIGHT && inFlight > this.inFlight * MIN_NOISY_SHARE;
  }

  private groupOf({ stored: { groupId: id = "" } }: QueuedMessage): Group {
    let group = this.groups.get(id);
    if (!group) {
      group = { id, messages: new Heap<"place", QueuedMessage>("place", ({ rank }) => rank), inFlight: 0, place: -1 };
      this.groups.set(id, group);
    }
    return group;
  }

  /** Changes a group, and updates its place. */
  private change(group: Group, change: (group: Group) => void): void {
    if (group.place !== -1) this.ready.remove(group);
    change(group);
    if (group.messages.size > 0) this.ready.add(group);
    else if (group.inFlight === 0) this.groups.delete(group.id);
  }
}
