import type * as z from "zod";
import { kindOf } from "./kinds";
import { shown } from "./shown";

/** Former names of options, each with the name that it has now. */
export const RENAMED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ["idIndex", "eventIdIndex"],
  ["logRecords", "logEachRecord"],
  ["tracingPolicy", "createXRayPolicy"],
]);

/**
 * What is wrong with each option alone, and which options there are not.
 *
 * @param shape - The options that there are.
 * @param place - What comes before an option's name in the messages, such as `subscribers.alerts.`.
 */
export function valueProblems(
  shape: Readonly<Record<string, z.ZodType>>,
  given: Readonly<Record<string, unknown>>,
  place = "",
): string[] {
  return Object.entries(given).flatMap(([key, value]) => {
    // A key such as `constructor` is no option, though every object has one.
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (!schema) {
      const newName = RENAMED_OPTIONS.get(key);
      return newName !== undefined && Object.hasOwn(shape, newName)
        ? [`The option ${place}${key} is now called ${place}${newName}.`]
        : [`There is no option ${place}${key}. There are: ${Object.keys(shape).join(", ")}.`];
    }
    // Null would be a value of its own to zod, as it is here.
    if (value === undefined || schema.safeParse(value).success) return [];
    return [`${place}${key} is ${shown(value)}. It must be ${kindOf(schema).allowed}.`];
  });
}
