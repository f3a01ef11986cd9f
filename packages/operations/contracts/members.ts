import { pointerToken, type Schema, schemaAt } from "./schema-reference";

/** A value in an event, at any depth, as a contract describes it. */
export interface ContractMember {
  /** JSON pointer. `*` is each other item or member. Empty for the event itself. */
  readonly pointer: string;
  /** True if the object that contains it must have it. False if only some alternatives require it. */
  isRequired: boolean;
  /** The types, or the only values as JSON. Empty for any type. */
  readonly types: Set<string>;
  readonly descriptions: Set<string>;
  /** Other rules, such as `maxLength: 500`. A rule that is itself a schema has only its name. */
  readonly rules: Set<string>;
}

/** Keywords that are shown otherwise, or refuse no event. */
const WITHOUT_RULE = new Set([
  ...["type", "const", "enum", "required", "properties", "patternProperties", "prefixItems", "items", "$ref"],
  ...["allOf", "anyOf", "oneOf", "$defs", "definitions", "$schema", "$id", "$comment", "title", "description"],
  ...["examples", "default", "deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType"],
  "contentSchema",
]);

/**
 * Returns the values that a contract describes, in its order.
 *
 * @example
 * membersOf(contract.schema).map(({ pointer }) => pointer); // ["", "/type", "/severity"]
 */
export function membersOf(root: Schema): ContractMember[] {
  const members = new Map<string, ContractMember>();
  const visit = (schema: unknown, pointer: string, isRequired: boolean): void => {
    const none = { types: new Set<string>(), descriptions: new Set<string>(), rules: new Set<string>() };
    const member: ContractMember = members.get(pointer) ?? { pointer, isRequired: false, ...none };
    members.set(pointer, member);
    member.isRequired ||= isRequired;
    if (schema === false) member.rules.add("not allowed");
    if (typeof schema !== "object" || schema === null) return;
    describe(schema as Schema, member);
    visitChildren(schema as Schema, pointer, isRequired);
  };
  const visitChildren = (schema: Schema, pointer: string, isCertain: boolean): void => {
    const { $ref, allOf = [], anyOf = [], oneOf = [], items, prefixItems = [], required = [] } = schema;
    const properties = Object(schema.properties) as Schema;
    for (const name of new Set([...Object.keys(properties), ...(required as string[])])) {
      const isRequired = isCertain && (required as string[]).includes(name);
      visit(Object.hasOwn(properties, name) ? properties[name] : {}, `${pointer}/${pointerToken(name)}`, isRequired);
    }
    for (const [pattern, child] of Object.entries(Object(schema.patternProperties))) {
      visit(child, `${pointer}/{${pointerToken(pattern)}}`, false);
    }
    for (const [index, child] of (prefixItems as unknown[]).entries()) visit(child, `${pointer}/${index}`, false);
    for (const child of [items, schema.additionalProperties]) {
      if (typeof child === "object") visit(child, `${pointer}/*`, false);
    }
    if (typeof $ref === "string") visit(schemaAt(root, $ref), pointer, isCertain);
    for (const child of allOf as unknown[]) visit(child, pointer, isCertain);
    for (const child of [anyOf, oneOf].flat()) visit(child, pointer, false);
  };
  visit(root, "", true);
  return [...members.values()];
}

function describe(schema: Schema, { pointer, types, descriptions, rules }: ContractMember): void {
  const { type = [], description } = schema;
  const values = Object.hasOwn(schema, "const") ? [schema.const] : schema.enum;
  const named = Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : [type].flat().map(String);
  for (const name of named) types.add(name);
  if (typeof description === "string" && pointer !== "") descriptions.add(description);
  if (schema.items === false) rules.add("no other items");
  for (const [keyword, rule] of Object.entries(schema)) {
    if (WITHOUT_RULE.has(keyword) || keyword.startsWith("x-")) continue;
    if (keyword === "additionalProperties") {
      if (rule === false) rules.add("no other members");
    } else rules.add(typeof rule === "object" ? keyword : `${keyword}: ${rule}`);
  }
}
