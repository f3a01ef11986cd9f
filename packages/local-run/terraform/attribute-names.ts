import type { Block } from "@event-pipeline/terraform-json/stack-json";

/** AWS's attributes for the arguments that the stack sets. */
export function attributesOf(block: Block, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([argument, attribute]) => {
      const value = block.get(argument);
      return value === undefined ? [] : [[attribute, String(value)]];
    }),
  );
}
