import { excerpt } from "@event-pipeline/event-model/excerpt";
import type { ErrorObject } from "ajv";

const MAX_VALUE_CHARACTERS = 100;
const MAX_ALLOWED = 20;

/**
 * Returns one sentence: where the value is, the value, and what is allowed.
 *
 * @param errors - Ajv's errors. The last is the outermost.
 * @param value - The validated value.
 * @example
 * describeViolation(validate.errors, { severity: "severe" }); // '/severity is "severe"; it must be one of "low", "high".'
 */
export function describeViolation(errors: readonly ErrorObject[], value: unknown): string {
  const error = errors.at(-1);
  if (!error) return "the event violates the contract.";
  const { instancePath, keyword } = error;
  const place = instancePath === "" ? "the event" : shortened(instancePath);
  const found = () => `${place} is ${shortened(json(valueAt(value, instancePath)))}; `;
  const params = error.params as Readonly<Record<string, unknown>>;
  const { limit, comparison } = params;
  switch (keyword) {
    case "required":
      return `${place} has no member ${json(params.missingProperty)}, which is required.`;
    case "dependentRequired":
      return `${place} has a member ${json(params.property)}, so it must have ${json(params.missingProperty)} too.`;
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = params.additionalProperty ?? params.unevaluatedProperty;
      return `${place} has a member ${shortened(json(name))}, which is not allowed.`;
    }
    case "propertyNames":
      return `${place} has a member ${shortened(json(params.propertyName))}, whose name is not allowed.`;
    case "type":
      return `${found()}its type must be ${list([params.type].flat())}.`;
    case "enum":
      return `${found()}it must be one of ${list((params.allowedValues as unknown[]).map(json))}.`;
    case "const":
      return `${found()}it must be ${json(params.allowedValue)}.`;
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `${found()}it must be ${comparison} ${limit}.`;
    case "multipleOf":
      return `${found()}it must be a multiple of ${params.multipleOf}.`;
    case "minLength":
    case "maxLength":
      return `${found()}it must have ${keyword === "minLength" ? "at least" : "at most"} ${limit} characters.`;
    case "pattern":
      return `${found()}it must match the pattern ${params.pattern}.`;
    case "format":
      return `${found()}it must be a valid ${params.format}.`;
    case "minItems":
    case "maxItems":
    case "items":
    case "unevaluatedItems":
      return `${place} must have ${keyword === "minItems" ? "at least" : "at most"} ${limit ?? params.len} items.`;
    case "minProperties":
    case "maxProperties":
      return `${place} must have ${keyword === "minProperties" ? "at least" : "at most"} ${limit} members.`;
    case "uniqueItems":
      return `${place} has the same item at ${params.j} and ${params.i}; its items must differ.`;
    case "contains":
      return `${place} must have at least ${params.minContains} items of a kind${params.maxContains === undefined ? "" : `, and at most ${params.maxContains}`} (${error.schemaPath}).`;
    case "anyOf":
    case "oneOf": {
      const [first] = errors;
      const passing = Array.isArray(params.passingSchemas) ? " (it matches more than one)" : "";
      const closest =
        first && first !== error && passing === ""
          ? ` The first fails because ${describeViolation([first], value)}`
          : "";
      return `${place} must match ${keyword === "oneOf" ? "exactly one" : "one"} of the alternatives at ${error.schemaPath}${passing}.${closest}`;
    }
    default:
      return `${found()}the contract does not allow it (${error.schemaPath}).`;
  }
}

function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const token of pointer.split("/").slice(1)) {
    found = (found as Record<string, unknown>)[token.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return found;
}

/** JSON has no text for the numbers that doubles cannot hold. */
function json(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

function list(values: readonly unknown[]): string {
  const shown = values.slice(0, MAX_ALLOWED).map((value) => shortened(String(value)));
  return values.length > MAX_ALLOWED ? `${shown.join(", ")} and ${values.length - MAX_ALLOWED} more` : shown.join(", ");
}

function shortened(text: string): string {
  return excerpt(text, MAX_VALUE_CHARACTERS);
}
