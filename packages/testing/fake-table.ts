import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { keyOf, keyText } from "@event-pipeline/event-model/item/attributes";
import { wireItemOf } from "@event-pipeline/event-model/item/item";
import type { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { EventTableReader } from "@event-pipeline/operations/table/events-table";
import { throttled } from "./fake-queue";
import { itemOf } from "./items";

type Item = Record<string, AttributeValue>;

/** An in-memory table for BatchGetItem, with configurable unprocessed keys and throttling. */
export class FakeTable {
  readonly items = new Map<string, Item>();
  requests = 0;
  /** Number of keys to leave unprocessed in each request for several keys. */
  leftOut = 0;
  /** Throttles every nth request; 0 for none. */
  throttledEvery = 0;
  /** Returns the error to throw for a request. */
  fault: () => Error | undefined = () => undefined;

  get table(): EventTableReader {
    return new EventTableReader(
      { send: (command: object) => this.answer(command) } as unknown as DynamoDBClient,
      "events",
    );
  }

  /** Stores the item of an envelope, as the handler does. */
  store(body: string, eventTtlDays = 90, mapping?: Mapping): Item {
    const item = itemOf(parseEnvelope(body), eventTtlDays, mapping);
    const wire = wireItemOf(item) as Item;
    this.items.set(keyText(item), wire);
    return wire;
  }

  /** Stores the item of an envelope under SNS's time, as an earlier handler did if the event's time is a number. */
  storeUnderSnsTime(body: string): Item {
    const { timestamp_id, ...item } = this.store(body);
    this.items.delete(keyText(keyOf({ ...item, timestamp_id: timestamp_id as AttributeValue })));
    const afterTime = String(timestamp_id?.S).indexOf("#");
    const former = { ...item, timestamp_id: { S: `${item.received_at?.S}${timestamp_id?.S?.slice(afterTime)}` } };
    this.items.set(keyText(keyOf(former)), former);
    return former;
  }

  private async answer(command: object): Promise<object> {
    if (!(command instanceof BatchGetItemCommand))
      throw new Error(`FakeTable does not support ${command.constructor.name}.`);
    this.requests += 1;
    const error = this.fault();
    if (error) throw error;
    if (this.throttledEvery > 0 && this.requests % this.throttledEvery === 0) throw throttled();
    const [[table = "", { Keys = [], ConsistentRead = false } = {}] = []] = Object.entries(
      command.input.RequestItems ?? {},
    );
    const texts = Keys.map((key) => keyText(keyOf(key)));
    if (Keys.length > 100 || new Set(texts).size < texts.length || !ConsistentRead)
      throw new Error("ValidationException");
    const answered = Math.max(1, Keys.length - this.leftOut);
    return {
      Responses: {
        [table]: texts.slice(0, answered).flatMap((text): Item[] => {
          const item = this.items.get(text);
          return item ? [item] : [];
        }),
      },
      UnprocessedKeys: answered < Keys.length ? { [table]: { Keys: Keys.slice(answered) } } : {},
    };
  }
}
