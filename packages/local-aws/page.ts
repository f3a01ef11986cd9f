import { InvalidInput } from "./protocols/invalid-input";

/**
 * Returns a page of a list, and the marker of the next page. A marker is the number of the page's first element.
 *
 * @throws InvalidInput for an invalid marker or size.
 */
export function pageOf<Element>(
  elements: readonly Element[],
  marker: string | undefined,
  size: number,
  maxSize = size,
): { readonly page: Element[]; readonly next: string | undefined } {
  const start = Number(marker ?? 0);
  if (!Number.isInteger(start) || start < 0) throw InvalidInput.type("The marker", "the one of the previous page");
  if (!Number.isInteger(size) || size < 1 || size > maxSize) {
    throw InvalidInput.type("The size of a page", `a whole number from 1 to ${maxSize}`);
  }
  const end = start + size;
  return { page: elements.slice(start, end), next: end < elements.length ? String(end) : undefined };
}
