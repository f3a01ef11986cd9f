import type { Blocks, Config } from "./stack-file";
import type { SchemaBlock } from "./terraform";

type Schemas = Readonly<Record<string, { readonly block: SchemaBlock }>>;

/**
 * Returns arguments that only one of two stacks has, although the provider keeps the old value of a missing one: optional and
 * computed arguments, and blocks with such an argument.
 *
 * @returns `aws_sqs_queue.sqs_managed_sse_enabled` and the like
 */
export function keptArguments(one: Blocks, other: Blocks, schemas: Schemas): string[] {
  const kept = Object.keys(one).flatMap((type) => {
    const { block } = schemas[type] ?? {};
    // Built-in resources, such as terraform_data.
    if (!block) return [];
    return Object.keys(one[type] ?? {}).flatMap((name) => {
      const [a, b] = [one[type]?.[name], other[type]?.[name]];
      return a && b ? sometimes(a, b, block).map((path) => `${type}.${path}`) : [];
    });
  });
  return [...new Set(kept)].sort();
}

function sometimes(a: Config, b: Config, { attributes = {}, block_types: blocks = {} }: SchemaBlock): string[] {
  const onlyOne = (key: string) => (a[key] === undefined) !== (b[key] === undefined);
  const flat = Object.entries(attributes).filter(
    ([key, { optional, computed }]) => optional && computed && onlyOne(key),
  );
  const nested = Object.entries(blocks).flatMap(([key, { block }]) => {
    if (onlyOne(key)) return hasKept(block) ? [key] : [];
    const [inA, inB] = [elements(a[key]), elements(b[key])];
    return inA.flatMap((each, index) => sometimes(each, inB[index] ?? each, block).map((path) => `${key}.${path}`));
  });
  return [...flat.map(([key]) => key), ...nested];
}

function hasKept({ attributes = {}, block_types: blocks = {} }: SchemaBlock): boolean {
  return (
    Object.values(attributes).some(({ optional, computed }) => optional && computed) ||
    Object.values(blocks).some(({ block }) => hasKept(block))
  );
}

function elements(value: unknown): Config[] {
  return value === undefined ? [] : ([value].flat() as Config[]);
}
