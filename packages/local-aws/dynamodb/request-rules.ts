import db from "dynalite/db/index.js";
import type { DynamodbItem } from "../observer";
import { AwsError } from "../protocols/aws-error";
import { NotSupported } from "../protocols/invalid-input";

/** Maximum depth of a request's JSON: 32 levels of an item, each of which takes two, and the request around it. */
const MAX_DEPTH = 80;

/** Maximum depth of an attribute's value in DynamoDB. */
const MAX_LEVELS = 32;

/** Maximum number of values after the operator IN. */
const MAX_IN_VALUES = 100;

/** Maximum size of an item, with the names of its attributes. */
const MAX_ITEM_BYTES = 400 * 1024;

/** Maximum size of the items of a transaction together. */
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

/** Paths of members that dynalite validates, and then ignores. */
export const IGNORED: ReadonlySet<string> = new Set([
  "GlobalSecondaryIndexUpdates.Create",
  "GlobalSecondaryIndexUpdates.Delete",
  "ReturnItemCollectionMetrics",
]);

/**
 * Rejects a request that dynalite cannot read, or of which it would ignore a part.
 *
 * @param types - Dynalite's types of the parameters.
 * @throws AwsError with the name of the invalid member, and NotSupported with the path of an ignored one.
 */
export function validateRequest(request: unknown, types: DynaliteTypes): asserts request is object {
  validateNesting(request);
  validateKnownParameters(request, types, "");
}

/**
 * Rejects a request that nests too deeply or contains null or `__proto__`, because dynalite would fail. It does not recurse:
 * that would overflow the stack for deep input.
 */
function validateNesting(request: unknown): asserts request is object {
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw new AwsError("SerializationException", "The request must be a JSON object.");
  }
  let level: readonly object[] = [request];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooDeep();
    const below: object[] = [];
    for (const parent of level) {
      for (const name of Object.keys(parent)) {
        const value = (parent as Record<string, unknown>)[name];
        if (name === "__proto__") {
          throw new AwsError("ValidationException", "The member __proto__ cannot be stored by the local run.");
        }
        if (value === null && depth > 0) throw new AwsError("SerializationException", `${name} must not be null.`);
        if (typeof value === "object" && value !== null) below.push(value);
      }
    }
    level = below;
  }
}

/**
 * Returns whether an error is to contain the old item, by `ReturnValuesOnConditionCheckFailure`.
 *
 * @throws NotSupported for a value that DynamoDB does not have.
 */
export function returnsOldItem(returned: unknown): boolean {
  if (returned === undefined || returned === "NONE" || returned === "ALL_OLD") return returned === "ALL_OLD";
  throw new NotSupported(`ReturnValuesOnConditionCheckFailure ${returned}`);
}

/** An expression, as dynalite parses it. */
export interface Expression {
  readonly type?: string;
  readonly args?: readonly Expression[];
}

/** @throws AwsError for an IN with more values than DynamoDB allows. */
export function validateExpression({ type, args = [] }: Expression): void {
  const values = args.length - 1;
  if (type === "in" && values > MAX_IN_VALUES) {
    const message = `Invalid expression: The operator IN has ${values} values. It can have at most ${MAX_IN_VALUES}.`;
    throw new AwsError("ValidationException", message);
  }
  for (const arg of args) validateExpression(arg);
}

/** @throws AwsError for items that are together larger than DynamoDB allows in a transaction. */
export function validateTransactionSize(items: readonly DynamodbItem[]): void {
  const bytes = items.reduce((sum, item) => sum + db.itemSize(item) + uncountedBytes(item), 0);
  if (bytes <= MAX_TRANSACTION_BYTES) return;
  const message = `The items of the transaction have ${bytes} bytes. They can have at most ${MAX_TRANSACTION_BYTES} bytes.`;
  throw new AwsError("ValidationException", message);
}

/** @throws AwsError for an item larger than DynamoDB allows. */
export function validateItemSize(item: DynamodbItem): void {
  // Dynalite counts UTF-16 units instead of bytes of UTF-8.
  if (db.itemSize(item) + uncountedBytes(item) <= MAX_ITEM_BYTES) return;
  throw new AwsError("ValidationException", "Item size has exceeded the maximum allowed size");
}

/** Returns by how many bytes the names and texts of a value, as a request has it, are longer in UTF-8 than in UTF-16 units. */
function uncountedBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value) - value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce((sum, [name, inner]) => sum + uncountedBytes(name) + uncountedBytes(inner), 0);
}

/** @throws AwsError for an attribute value with more levels than DynamoDB allows. */
export function validateLevels(attributes: DynamodbItem): void {
  for (const name in attributes) assertLevels(attributes[name] ?? {}, 0);
}

function assertLevels({ M, L }: Readonly<Record<string, unknown>>, level: number): void {
  const nested = M ?? L;
  if (typeof nested !== "object" || nested === null) return;
  if (level === MAX_LEVELS) throw tooDeep();
  for (const value of Object.values(nested)) assertLevels(Object(value) as Record<string, unknown>, level + 1);
}

function tooDeep(): AwsError {
  const message =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";
  return new AwsError("ValidationException", message);
}

/** A type in dynalite's validations, such as `String`, or a list, a map or a structure with the types below it. */
type DynaliteType = string | { readonly type: string; readonly children?: DynaliteType | DynaliteTypes };
type DynaliteTypes = Readonly<Record<string, unknown>>;

/** Rejects a parameter that has an effect in DynamoDB but that dynalite ignores, such as `DeletionProtectionEnabled`. */
function validateKnownParameters(request: object, types: DynaliteTypes, path: string): void {
  for (const [name, value] of Object.entries(request)) {
    const inner = path === "" ? name : `${path}.${name}`;
    const tables = name === "TableName" ? [value] : name === "RequestItems" ? Object.keys(Object(value)) : [];
    if (tables.some((table) => String(table).startsWith("arn:"))) throw new NotSupported(`an ARN as ${name}`);
    if (Object.hasOwn(types, name) && !IGNORED.has(inner)) validateKnown(value, types[name] as DynaliteType, inner);
    else if (!hasNoEffect(value)) throw new NotSupported(inner);
  }
}

function validateKnown(value: unknown, type: DynaliteType, path: string): void {
  if (typeof type === "string" || typeof type.children !== "object" || typeof value !== "object" || value === null)
    return;
  if (/Struct/.test(type.type)) validateKnownParameters(value, type.children as DynaliteTypes, path);
  else for (const element of Object.values(value)) validateKnown(element, type.children as DynaliteType, path);
}

function hasNoEffect(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(hasNoEffect);
  return value === null || value === false || value === "STANDARD" || value === "NONE";
}
