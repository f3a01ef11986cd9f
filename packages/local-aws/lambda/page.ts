import { AwsError } from "../protocols/aws-error";

/** Lambda's maximum number of elements in a page. */
const MAX_ITEMS = 50;

/**
 * Returns a page of a list. The marker is the number of the first element.
 *
 * @throws AwsError for an invalid marker or size.
 */
export function pageOf<Element>(
  elements: readonly Element[],
  marker: string | undefined,
  maxItems = MAX_ITEMS,
): { readonly page: Element[]; readonly NextMarker?: string } {
  const start = Number(marker ?? 0);
  if (!Number.isInteger(start) || start < 0) {
    throw new AwsError("InvalidParameterValueException", `Invalid Marker "${marker}".`);
  }
  if (!Number.isInteger(maxItems) || maxItems < 1 || maxItems > 10_000) {
    throw new AwsError("InvalidParameterValueException", `Invalid MaxItems ${maxItems}: expected 1 to 10,000.`);
  }
  const end = start + Math.min(maxItems, MAX_ITEMS);
  return { page: elements.slice(start, end), ...(end < elements.length && { NextMarker: String(end) }) };
}
