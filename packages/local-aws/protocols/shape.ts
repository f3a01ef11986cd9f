import schemas from "./schemas.json";

/** Traits of a member that change its format in a request or a response: https://smithy.io/2.0/spec/ */
export interface Traits {
  readonly xmlName?: string;
  readonly xmlFlattened?: 1;
  readonly xmlAttribute?: 1;
  /** Prefix and URI. */
  readonly xmlNamespace?: readonly [string, string];
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpQuery?: string;
  readonly httpLabel?: 1;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
}

export interface Member extends Traits {
  readonly shape: Shape;
}

/** Format of a timestamp outside of JSON and CBOR. */
export type TimestampFormat = "date-time" | "http-date";

export interface Structure {
  readonly type: "structure";
  /** True if an operation has no input, or no output. */
  readonly unit?: boolean;
  readonly members: Readonly<Record<string, Member>>;
  readonly required: readonly string[];
}

/** The format of a value in an AWS API. */
export type Shape =
  /** A document is any JSON. */
  | { readonly type: "string" | "number" | "boolean" | "document" }
  | { readonly type: "blob"; readonly streaming?: boolean }
  | { readonly type: "timestamp"; readonly format?: TimestampFormat }
  | { readonly type: "list"; readonly member: Member }
  | { readonly type: "map"; readonly key: Member; readonly value: Member }
  | Structure;

/** The form of a REST request for an operation. */
export interface HttpBinding {
  readonly method: string;
  /** Path with labels such as `{FunctionName}` and `{Key+}`, and fixed query parameters. */
  readonly uri: string;
  /** Status of a response. @default 200 */
  readonly status?: number;
  /** True if the operation needs a bucket, which is not in the path's pattern. */
  readonly bucket: boolean;
  /** Required query parameters and headers. */
  readonly query: readonly string[];
  readonly headers: readonly string[];
}

export interface Operation {
  readonly name: string;
  readonly http?: HttpBinding;
  /** The shapes; undefined if the operation is not supported. */
  readonly input?: Member & { readonly shape: Structure };
  readonly output?: Member & { readonly shape: Structure };
}

/** An operation with its shapes. */
export type SupportedOperation = Operation & Required<Pick<Operation, "input" | "output">>;

export interface ErrorSchema {
  /** Error code in the query protocol, if it is not the error's name. */
  readonly queryCode?: string;
  readonly status: number;
}

/** The schemas of one service. */
export interface ServiceSchemas {
  /** Namespace of its errors, such as `com.amazonaws.sqs`. */
  readonly namespace: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly errors: Readonly<Record<string, ErrorSchema>>;
}

/** A service in schemas.json, in which members refer to shapes by name. */
export interface StoredService extends Omit<ServiceSchemas, "operations"> {
  readonly operations: Readonly<Record<string, Omit<Operation, "name">>>;
  readonly shapes: Readonly<Record<string, object>>;
}

/** Returns the schemas of the service in a folder. */
export function schemasOf(folder: string): ServiceSchemas {
  const stored = schemas[folder];
  if (!stored) throw new Error(`schemas.json has no service ${folder}.`);
  return linked(stored);
}

/** Returns schemas in which members refer to their shapes directly. It changes `stored`. */
export function linked({ namespace, operations, shapes, errors }: StoredService): ServiceSchemas {
  link(shapes, shapes);
  link(operations, shapes);
  const named = Object.entries(operations).map(([name, operation]) => [name, { name, ...operation }] as const);
  return { namespace, errors, operations: Object.fromEntries(named) };
}

/** Replaces each name of a shape by the shape. Shapes may refer to themselves. */
function link(parent: Readonly<Record<string, unknown>>, shapes: Readonly<Record<string, object>>): void {
  for (const value of Object.values(parent)) {
    if (typeof value !== "object" || value === null) continue;
    const member = value as Record<string, unknown>;
    if (typeof member.shape === "string") member.shape = shapes[member.shape];
    else link(member, shapes);
  }
}
