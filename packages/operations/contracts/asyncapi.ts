import { hashOf } from "@event-pipeline/contracts/contract-set";
import type { FolderContracts } from "./folder";
import type { Schema } from "./schema-reference";
import { TypeNames } from "./type-names";

/** The dialect that each AsyncAPI tool supports. Tools report an error for another one. */
const SCHEMA_FORMAT = "application/schema+json;version=draft-07";

/** Keywords whose value is data. A member `$ref` of data does not refer to a schema. */
const DATA = new Set(["const", "examples", "default"]);
/** Keywords whose value has schemas by name. */
const SCHEMAS_BY_NAME = new Set(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"]);

/**
 * Returns an AsyncAPI document of a pipeline's topic, with a message for each contract. Its schemas are of draft-07, which
 * does not have some rules, such as `unevaluatedProperties`. They allow each event that the contract allows.
 *
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 * @example
 * asyncapiDocument(readFolder("events")).channels.events.address; // "{name}-events"
 */
export function asyncapiDocument({ contracts, mapping }: FolderContracts) {
  const names = new TypeNames();
  const named = contracts.map((contract) => ({ ...contract, name: names.add(contract.type) }));
  const byName = <T>(toValue: (contract: (typeof named)[number]) => T) =>
    Object.fromEntries(named.map((contract) => [contract.name, toValue(contract)]));
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Events",
      // Changes with each contract.
      version: hashOf({ contracts, mapping, strictTypes: false }).slice(0, 8),
      description: "The events that the pipeline stores. Publishers send them to its SNS topic.",
    },
    defaultContentType: "application/json",
    channels: {
      events: {
        address: "{name}-events",
        title: "SNS topic",
        parameters: { name: { description: "The pipeline's name." } },
        messages: byName(({ name }) => ({ $ref: `#/components/messages/${name}` })),
        bindings: { sns: { name: "{name}-events" } },
      },
    },
    operations: {
      store: {
        action: "receive",
        title: "Store events",
        channel: { $ref: "#/channels/events" },
      },
    },
    components: {
      messages: byName(({ name, type, schema }) => ({
        name: type,
        title: schema.title,
        description: schema.description,
        payload: { $ref: `#/components/schemas/${name}` },
        examples: (schema.examples as readonly unknown[]).map((payload) => ({ payload })),
      })),
      schemas: byName(({ name, schema: { $id, $schema, ...schema } }) => ({
        schemaFormat: SCHEMA_FORMAT,
        schema: draft07(`#/components/schemas/${name}/schema`, schema),
      })),
    },
  };
}

/** Converts a schema to draft-07, with references to places in the document. */
function draft07(place: string, schema: unknown): unknown {
  const convert = (value: unknown): unknown => draft07(place, value);
  if (Array.isArray(schema)) return schema.map(convert);
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref, prefixItems, items, contains, ...rules } = schema as Schema;
  const converted = Object.fromEntries(
    Object.entries(rules).map(([keyword, value]) => {
      // In draft-07, the values differ.
      if (keyword === "enum") return [keyword, distinct(value as unknown[])];
      if (DATA.has(keyword)) return [keyword, value];
      if (!SCHEMAS_BY_NAME.has(keyword)) return [keyword, convert(value)];
      const children = Object.entries(value as Schema).map(([name, child]) => [name, convert(child)]);
      return [keyword, Object.fromEntries(children)];
    }),
  );
  return {
    ...converted,
    // A draft-07 schema with a reference has no other rules.
    ...(typeof $ref === "string" && {
      allOf: [...((converted.allOf ?? []) as unknown[]), { $ref: place + $ref.slice(1) }],
    }),
    ...(prefixItems !== undefined && { items: convert(prefixItems) }),
    ...(items !== undefined && { [prefixItems === undefined ? "items" : "additionalItems"]: convert(items) }),
    // Without `minContains`, at least one item must match.
    ...(contains !== undefined && rules.minContains !== 0 && { contains: convert(contains) }),
  };
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
