export interface GroupLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/** Values in their order, in groups within the limits; a value too large for any group has one to itself. */
export function inGroups<T>(values: readonly T[], sizeOf: (value: T) => number, limits: GroupLimits): T[][] {
  const groups: T[][] = [];
  let bytes = 0;
  for (const value of values) {
    const size = sizeOf(value);
    const group = groups.at(-1);
    if (!group || group.length === limits.maxCount || bytes + size > limits.maxBytes) {
      groups.push([value]);
      bytes = size;
    } else {
      group.push(value);
      bytes += size;
    }
  }
  return groups;
}
