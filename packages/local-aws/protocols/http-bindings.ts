import { type Scalar, scalarFrom } from "./decode";
import type { HandledMembers } from "./handled-members";
import { InvalidInput, NotSupported } from "./invalid-input";
import type { HttpRequest, ServiceFormat } from "./protocol";
import type { Member, Structure, SupportedOperation } from "./shape";

/** The path and the fixed query parameters of an operation's URI. */
export interface UriPattern {
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** Fixed query parameters; the value is empty if any value is allowed. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

const PATTERNS = new Map<string, UriPattern>();

/** Parses an operation's URI, such as `/{Key+}?uploads`. */
export function uriPattern(uri: string): UriPattern {
  const pattern = PATTERNS.get(uri) ?? parseUri(uri);
  PATTERNS.set(uri, pattern);
  return pattern;
}

function parseUri(uri: string): UriPattern {
  const [path = "", query = ""] = uri.split("?");
  const labels: string[] = [];
  const source = path.replace(/\{(\w+)(\+?)\}|[.*+?^${}()|[\]\\]/g, (text, label?: string, greedy?: string) => {
    if (label === undefined) return `\\${text}`;
    labels.push(label);
    return greedy ? "(.+)" : "([^/]+)";
  });
  // `x-id` only names the operation, and not every client sends it.
  const parameters = [...new URLSearchParams(query)].filter(([name]) => name !== "x-id");
  return { path: new RegExp(`^${source.replace(/\/$/, "")}/?$`, "s"), labels, query: parameters };
}

/** The members of an input or an output, by their place in a message. */
export interface MessageParts {
  /** Members outside of the body. */
  readonly bound: readonly NamedMember[];
  /** The member that is the whole body; undefined if there is none. */
  readonly payload: NamedMember | undefined;
  /** The other members, which are in the body if there is no payload. */
  readonly body: Structure;
}

type NamedMember = readonly [name: string, member: Member];

const PARTS = new WeakMap<Structure, MessageParts>();

export function partsOf(shape: Structure): MessageParts {
  const parts = PARTS.get(shape) ?? split(shape);
  PARTS.set(shape, parts);
  return parts;
}

function split({ type, members, required }: Structure): MessageParts {
  const all = Object.entries(members);
  const inBody = Object.fromEntries(all.filter(([, member]) => !isBound(member)));
  return {
    bound: all.filter(([, member]) => isBound(member)),
    payload: all.find(([, { httpPayload }]) => httpPayload),
    body: { type, members: inBody, required: required.filter((name) => Object.hasOwn(inBody, name)) },
  };
}

function isBound({ httpLabel, httpHeader, httpPrefixHeaders, httpQuery, httpResponseCode }: Member): boolean {
  return Boolean(httpLabel || httpHeader || httpPrefixHeaders || httpQuery || httpResponseCode);
}

/** Headers that have an effect if the operation has a member for them, and that a server must not pass over otherwise. */
const EFFECTIVE_HEADERS = /^(?:x-amz-.*|if-(?:none-)?match|if-(?:un)?modified-since|range)$/;

/** Parameters of signatures, which are not verified, and of clients. */
const SIGNATURE_PARAMETERS = new Set([
  ..."x-amz-algorithm x-amz-credential x-amz-date x-amz-expires x-amz-signedheaders x-amz-signature".split(" "),
  ..."x-amz-security-token x-amz-content-sha256 x-amz-user-agent x-id".split(" "),
]);

/** @throws NotSupported for a header or a query parameter that the operation does not have. */
function assertKnown(
  { message, query }: HttpRequest,
  fixed: UriPattern["query"],
  bound: readonly NamedMember[],
  { ignoredParameters = {} }: ServiceFormat,
): void {
  const isIgnored = (name: string) => SIGNATURE_PARAMETERS.has(name) || Object.hasOwn(ignoredParameters, name);
  for (const name of query.keys()) {
    const isKnown = bound.some(([, { httpQuery }]) => httpQuery === name) || fixed.some(([each]) => each === name);
    if (!isKnown && !isIgnored(name.toLowerCase())) throw new NotSupported(`the query parameter ${name}`);
  }
  for (const name in message.headers) {
    if (!EFFECTIVE_HEADERS.test(name) || isIgnored(name)) continue;
    const isKnown = bound.some(
      ([, { httpHeader, httpPrefixHeaders }]) =>
        httpHeader?.toLowerCase() === name || (httpPrefixHeaders !== undefined && name.startsWith(httpPrefixHeaders)),
    );
    if (!isKnown) throw new NotSupported(`the header ${name}`);
  }
}

/** Reads the members in a request's path, query and headers. */
export function decodeBindings(
  request: HttpRequest,
  service: ServiceFormat,
  operation: SupportedOperation,
  handled: HandledMembers,
): Record<string, unknown> {
  const { path, query, labels } = request;
  const { headers } = request.message;
  const pattern = uriPattern(operation.http?.uri ?? "/");
  const { bound } = partsOf(operation.input.shape);
  assertKnown(request, pattern.query, bound, service);
  const inPath = pattern.path.exec(path);
  const value: Record<string, unknown> = {};
  for (const [name, member] of bound) {
    const text = textOf(name, member);
    if (text === undefined) continue;
    if (!handled.has(name)) throw new NotSupported(name);
    value[name] = text;
  }
  return value;

  function textOf(name: string, { shape, httpLabel, httpHeader, httpQuery, httpPrefixHeaders }: Member): unknown {
    if (httpLabel) {
      const label = labels[name] ?? percentDecoded(inPath?.[pattern.labels.indexOf(name) + 1], name);
      return label === undefined ? undefined : scalarFrom(shape as Scalar, label, name);
    }
    if (httpPrefixHeaders !== undefined) return prefixed(httpPrefixHeaders);
    if (httpQuery !== undefined) {
      const texts = query.getAll(httpQuery);
      if (texts.length === 0) return undefined;
      return shape.type === "list" ? texts : scalarFrom(shape as Scalar, texts[0] ?? "", httpQuery);
    }
    const header = httpHeader && headers[httpHeader.toLowerCase()];
    // An empty header has no effect.
    if (header === undefined || header === "") return undefined;
    const text = Array.isArray(header) ? header.join(",") : header;
    if (shape.type === "list") return text.split(",").map((element) => element.trim());
    return scalarFrom(shape as Scalar, text, httpHeader as string);
  }

  function prefixed(prefix: string): Record<string, string> | undefined {
    const entries = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
    if (entries.length === 0) return undefined;
    return Object.fromEntries(entries.map(([name, text]) => [name.slice(prefix.length), String(text)]));
  }
}

function percentDecoded(text: string | undefined, name: string): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    throw InvalidInput.type(name, "percent-encoded UTF-8");
  }
}

/** Returns the headers of an output, and its status if the output contains one. */
export function encodeBindings(bound: readonly NamedMember[], output: Readonly<Record<string, unknown>>) {
  const headers: Record<string, string> = {};
  let status: number | undefined;
  for (const [name, member] of bound) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    if (member.httpResponseCode) status = Number(value);
    else if (member.httpHeader) headers[member.httpHeader] = headerText(member, value);
    else if (member.httpPrefixHeaders !== undefined) {
      for (const [key, text] of Object.entries(value)) headers[member.httpPrefixHeaders + key] = String(text);
    }
  }
  return { headers, status };
}

function headerText({ shape }: Member, value: unknown): string {
  if (shape.type === "timestamp") {
    return shape.format === "date-time" ? (value as Date).toISOString() : (value as Date).toUTCString();
  }
  if (shape.type === "list") return (value as unknown[]).join(",");
  return String(value);
}
