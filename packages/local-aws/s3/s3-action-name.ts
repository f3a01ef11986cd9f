import type { IncomingMessage } from "node:http";
import * as sdk from "@aws-sdk/client-s3";
import { NormalizedSchema } from "@smithy/core/schema";
import type { StaticOperationSchema, StaticStructureSchema } from "@smithy/types";
import { s3Target } from "./s3-target";

/** The properties that identify requests for an action. */
interface Route {
  readonly action: string;
  readonly method: string;
  readonly hasBucket: boolean;
  readonly hasKey: boolean;
  /** Required query parameters. An empty value matches any value. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: readonly string[];
}

/** All S3 actions, from the SDK's schemas. */
const ROUTES = Object.keys(sdk).flatMap((name) => (/^\w+Command$/.test(name) ? [routeOf(name.slice(0, -7))] : []));

function routeOf(action: string): Route {
  const operations = sdk as unknown as Readonly<Record<string, StaticOperationSchema>>;
  const [, , , traits, input] = operations[`${action}$`] as StaticOperationSchema;
  const [method = "", uri = ""] = (traits as { http?: [string, string, number] }).http ?? [];
  const [path = "", search] = uri.split("?");
  const schema = NormalizedSchema.of(input);
  const [, , , , names, , requiredCount] = schema.getSchema() as StaticStructureSchema;
  // `names` lists the required members first.
  const required = names.slice(0, requiredCount ?? 0);
  const members = new Map(schema.structIterator());
  const memberTraits = required.map((name) => members.get(name)?.getMergedTraits() ?? {});
  const parameters = memberTraits.flatMap(({ httpQuery }) => (httpQuery ? [[httpQuery, ""] as const] : []));
  return {
    action,
    method,
    hasBucket: required.includes("Bucket"),
    hasKey: path.includes("{Key+}"),
    query: [...new URLSearchParams(search), ...parameters].filter(([name]) => name !== "x-id"),
    headers: memberTraits.flatMap(({ httpHeader }) => httpHeader ?? []),
  };
}

/** Returns the matching S3 action with the most parameters; the request's method and path if no action matches. */
export function s3ActionName(request: IncomingMessage): string {
  const { bucket, key, query, pathStyle } = s3Target(request);
  if (bucket === "WriteGetObjectResponse" || key === "WriteGetObjectResponse") return "WriteGetObjectResponse";
  const matching = ROUTES.filter(
    (route) =>
      route.method === request.method &&
      route.hasBucket === (bucket !== "") &&
      route.hasKey === (key !== "") &&
      route.query.every(([name, value]) => query.has(name) && (value === "" || query.get(name) === value)) &&
      route.headers.every((name) => request.headers[name] !== undefined),
  );
  // Only SDKs send the action's name, as x-id.
  const rankOf = ({ action, query: parameters, headers }: Route) =>
    parameters.length + headers.length + (query.get("x-id") === action ? 0.5 : 0);
  const [best] = matching.sort((a, b) => rankOf(b) - rankOf(a));
  if (best) return best.action;
  // A browser's form upload is the only action that the SDK does not have.
  const isForm = request.method === "POST" && bucket !== "" && key === "";
  return isForm ? "PostObject" : `${request.method} ${pathStyle}`;
}
