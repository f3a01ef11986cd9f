import type { IncomingMessage } from "node:http";
import { crc32 } from "node:zlib";
import { AwsError } from "./aws-error";
import { cborError, parseCbor, toCbor } from "./cbor";
import { assertRequired } from "./decode";
import { decodeForm } from "./form";
import type { HandledMembers } from "./handled-members";
import { decodeBindings, encodeBindings, partsOf } from "./http-bindings";
import { decodeJson, encodeJson } from "./json";
import type { ErrorReply, HttpRequest, HttpResponse, Protocol, ProtocolName, ServiceFormat } from "./protocol";
import type { Structure, SupportedOperation } from "./shape";
import { decodeXml, encodeMembers, encodeXml, escapeXml, parseXml } from "./xml";

/** Returns the content type of the response to a JSON request: version 1.0 or 1.1, as in the request. */
function jsonType({ headers }: IncomingMessage): string {
  return /^application\/x-amz-json-1\.\d/.exec(headers["content-type"] ?? "")?.[0] ?? "application/x-amz-json-1.0";
}

function parse<Parsed>(read: () => Parsed, format: string, { unparsableCode }: ServiceFormat): Parsed {
  try {
    return read();
  } catch (cause) {
    throw new AwsError(unparsableCode, `The request is not valid ${format}: ${(cause as Error).message}`);
  }
}

async function jsonBody({ body }: HttpRequest, service: ServiceFormat): Promise<unknown> {
  const text = (await body()).toString();
  return parse(() => JSON.parse(text || "{}") as unknown, "JSON", service);
}

/** Returns the error's ID in the service's schema, such as `com.amazonaws.sqs#QueueDoesNotExist`, or its code. */
function errorType({ code }: ErrorReply, service: ServiceFormat | undefined): string {
  return service && Object.hasOwn(service.schemas.errors, code) ? `${service.schemas.namespace}#${code}` : code;
}

/** Header for clients that know the error codes of the query protocol, which the service spoke first. */
function queryErrorHeader({ queryCode, status }: ErrorReply, service: ServiceFormat | undefined) {
  const isCompatible = service && service.protocols.length > 1 && service.protocols.includes("query");
  return isCompatible && { "x-amzn-query-error": `${queryCode};${faultOf(status)}` };
}

function faultOf(status: number): "Sender" | "Receiver" {
  return status < 500 ? "Sender" : "Receiver";
}

const DYNAMODB = "com.amazonaws.dynamodb.";

const awsJson: Protocol = {
  async decode(request, service, operation, handled) {
    return decodeJson(operation.input, await jsonBody(request, service), handled);
  },
  encode(output, service, operation, message, requestId) {
    const body = JSON.stringify(encodeJson(operation.output, output));
    return { status: 200, headers: jsonHeaders(service, message, requestId, body), body };
  },
  encodeError(error, service, message, requestId) {
    const type = errorType(error, service);
    const body = JSON.stringify({ __type: type, message: error.message, ...error.details });
    const headers = { ...jsonHeaders(service, message, requestId, body), ...queryErrorHeader(error, service) };
    return { status: error.status, headers, body };
  },
};

function jsonHeaders(service: ServiceFormat | undefined, message: IncomingMessage, requestId: string, body: string) {
  // DynamoDB's clients verify this checksum, of errors too.
  const checksum = service?.schemas.namespace.startsWith(DYNAMODB) && { "x-amz-crc32": String(crc32(body)) };
  return { "Content-Type": jsonType(message), "x-amzn-RequestId": requestId, ...checksum };
}

const awsQuery: Protocol = {
  async decode({ form = { nodes: new Map() } }, _service, operation, handled) {
    return decodeForm(operation.input, form, handled);
  },
  encode(output, { xmlNamespace }, operation, _message, requestId) {
    const { name, output: member } = operation;
    // boto3 requires the element of an output without members.
    const result = member.shape.unit ? "" : `<${name}Result>${encodeMembers(member.shape, output)}</${name}Result>`;
    return xmlResponse(
      `<${name}Response xmlns="${xmlNamespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
      requestId,
    );
  },
  encodeError({ queryCode, status, message }, service, _message, requestId) {
    const namespace = service?.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : "";
    const error = `<Error><Type>${faultOf(status)}</Type><Code>${escapeXml(queryCode)}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const body = `<ErrorResponse${namespace}>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { ...xmlResponse(body, requestId), status };
  },
};

function xmlResponse(body: string, requestId: string) {
  return { status: 200, headers: { "Content-Type": "text/xml", "x-amzn-RequestId": requestId }, body };
}

const rpcCbor: Protocol = {
  async decode({ body }, service, operation, handled) {
    const bytes = await body();
    const parsed = parse(() => parseCbor(bytes), "CBOR", service);
    return decodeJson(operation.input, parsed, handled);
  },
  encode(output, _service, operation, _message, requestId) {
    return { status: 200, headers: cborHeaders(requestId), body: toCbor(operation.output, output) };
  },
  encodeError(error, service, _message, requestId) {
    const headers = { ...cborHeaders(requestId), ...queryErrorHeader(error, service) };
    return { status: error.status, headers, body: cborError(errorType(error, service), error.message) };
  },
};

function cborHeaders(requestId: string) {
  return { "Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": requestId };
}

const restJson: Protocol = {
  decode(request, service, operation, handled) {
    return decodeRest(request, service, operation, handled, async (shape, _name, members) =>
      decodeJson({ shape }, await jsonBody(request, service), members),
    );
  },
  encode(output, _service, operation, _message, requestId) {
    return encodeRest(output, operation, { "x-amzn-RequestId": requestId }, (shape, value) => [
      "application/json",
      JSON.stringify(encodeJson({ shape }, value)),
    ]);
  },
  encodeError({ code, status, message }, _service, _message, requestId) {
    return {
      status,
      headers: { "Content-Type": "application/json", "x-amzn-errortype": code, "x-amzn-RequestId": requestId },
      body: JSON.stringify({ Type: status < 500 ? "User" : "Service", Message: message, message }),
    };
  },
};

const XML_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n';

const restXml: Protocol = {
  decode(request, service, operation, handled) {
    const read = async (shape: Structure, name: string, members: HandledMembers) => {
      const element = parseXml((await request.body()).toString());
      if (!element || element.name !== name) {
        throw new AwsError(service.unparsableCode, `The request is not well-formed XML with the root element ${name}.`);
      }
      return decodeXml({ shape }, element, members);
    };
    return decodeRest(request, service, operation, handled, read);
  },
  encode(output, { xmlNamespace }, operation, _message, requestId) {
    return encodeRest(output, operation, { "x-amz-request-id": requestId }, (shape, value, payload) => {
      const { name, output: member } = operation;
      const root = payload ?? member.xmlName ?? `${name}Result`;
      // The schemas lack the trait s3UnwrappedXmlOutput, which only GetBucketLocation has.
      const xml =
        name === "GetBucketLocation"
          ? `<LocationConstraint xmlns="${xmlNamespace}">${(value as { LocationConstraint?: string }).LocationConstraint ?? ""}</LocationConstraint>`
          : `<${root} xmlns="${xmlNamespace}">${encodeMembers(shape, value)}</${root}>`;
      return ["application/xml", `${XML_HEADER}${xml}`];
    });
  },
  encodeError({ code, status, message, details, headers: own }, _service, { method }, requestId) {
    const more = Object.entries(details).map(([name, text]) => encodeXml(name, { shape: { type: "string" } }, text));
    const body = `${XML_HEADER}<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>${more.join("")}<RequestId>${requestId}</RequestId></Error>`;
    const headers = { "Content-Type": "application/xml", "x-amz-request-id": requestId, ...own };
    // The response to HEAD has no body, and the status 304 must not have one.
    return { status, headers, body: method === "HEAD" || status === 304 ? "" : body };
  },
};

/** Reads the body of a REST request, and the members outside of it. */
async function decodeRest(
  request: HttpRequest,
  service: ServiceFormat,
  operation: SupportedOperation,
  handled: HandledMembers,
  readBody: (shape: Structure, name: string, handled: HandledMembers) => Promise<unknown>,
): Promise<object> {
  const { shape } = operation.input;
  const { payload, body } = partsOf(shape);
  const value = decodeBindings(request, service, operation, handled);
  if (payload) {
    const [name, member] = payload;
    const payloadShape = member.shape;
    if (payloadShape.type === "structure") {
      if (hasBody(request.message) || shape.required.includes(name)) {
        value[name] = await readBody(payloadShape, member.xmlName ?? name, handled.get(name) ?? new Map());
      }
    } else {
      const isStream = payloadShape.type === "blob" && payloadShape.streaming;
      const bytes = isStream ? request.stream() : await request.body();
      value[name] = payloadShape.type === "string" ? String(bytes) : bytes;
    }
  } else if (Object.keys(body.members).length > 0) {
    Object.assign(value, await readBody(body, operation.name, handled));
  }
  assertRequired(shape.required, value);
  return value;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * Returns the response of a REST service.
 *
 * @param encodeBody - Encodes a structure: the payload of this name, or the members in the body.
 */
function encodeRest(
  output: object,
  operation: SupportedOperation,
  ownHeaders: Readonly<Record<string, string>>,
  encodeBody: (shape: Structure, value: object, payload?: string) => readonly [contentType: string, body: string],
): HttpResponse {
  const { bound, payload, body } = partsOf(operation.output.shape);
  const members = output as Readonly<Record<string, unknown>>;
  const { headers, status: ownStatus } = encodeBindings(bound, members);
  const status = ownStatus ?? (headers["Content-Range"] ? 206 : (operation.http?.status ?? 200));
  const reply = (content: HttpResponse["body"], contentType?: string) => ({
    status,
    headers: { ...ownHeaders, ...(contentType !== undefined && { "Content-Type": contentType }), ...headers },
    body: content,
  });
  if (!payload) {
    if (Object.keys(body.members).length === 0) return reply("");
    const [contentType, text] = encodeBody(body, output);
    return reply(text, contentType);
  }
  const [name, { shape, xmlName = name }] = payload;
  if (shape.type !== "structure") return reply((members[name] ?? "") as HttpResponse["body"]);
  const [contentType, text] = encodeBody(shape, (members[name] ?? {}) as object, xmlName);
  return reply(text, contentType);
}

/** The protocols by name. */
export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  json: awsJson,
  query: awsQuery,
  cbor: rpcCbor,
  "rest-json": restJson,
  "rest-xml": restXml,
};
