/** An item as it goes over the wire: attribute name → `{ S: "…" }` and so on. */
export type WireItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The items that a request puts: those of PutItem and BatchWriteItem, none for any other. */
export function itemsPut(input: object): WireItem[] {
  const { Item, RequestItems = {} } = input as {
    Item?: WireItem;
    RequestItems?: Record<string, readonly { PutRequest?: { Item: WireItem } }[]>;
  };
  const batch = Object.values(RequestItems).flatMap((requests) => (Array.isArray(requests) ? requests : []));
  return [Item, ...batch.map(({ PutRequest }) => PutRequest?.Item)].filter((item) => item !== undefined);
}
