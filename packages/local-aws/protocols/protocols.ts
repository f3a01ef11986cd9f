import type { IncomingMessage } from "node:http";
import { crc32 } from "node:zlib";
import { AwsError } from "./aws-error";
import { cborError, parseCbor, toCbor } from "./cbor";
import { assertRequired } from "./decode";
import { decodeForm } from "./form";
import type { HandledMembers } from "./handled-members";
import { bodyShape, decodeBindings, encodeBindings, payloadBody, payloadOf } from "./http-bindings";
import { decodeJson, encodeJson } from "./json";
import type { HttpRequest, Protocol, ProtocolName, ServiceFormat } from "./protocol";
import type { Operation, Structure } from "./shape";
import { decodeXml, encodeMembers, encodeXml, escapeXml, parseXml } from "./xml";

type SupportedOperation = Required<Pick<Operation, "name" | "input" | "output">> & Operation;

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

const awsJson: Protocol = {
  async decode({ body }, service, operation, handled) {
    const text = (await body()).toString();
    const parsed: unknown = parse(() => JSON.parse(text || "{}"), "JSON", service);
    return decodeJson((operation as SupportedOperation).input, parsed, handled) as object;
  },
  encode(output, _service, operation, { message }, requestId) {
    const body = Buffer.from(JSON.stringify(encodeJson((operation as SupportedOperation).output, output)));
    // DynamoDB clients verify this checksum.
    const checksum = { "x-amz-crc32": String(crc32(body)) };
    return {
      status: 200,
      headers: { "Content-Type": jsonType(message), "x-amzn-RequestId": requestId, ...checksum },
      body,
    };
  },
  encodeError({ code, queryCode, status, message: text }, service, message, requestId) {
    const type = service && code in service.schemas.errors ? `${service.schemas.namespace}#${code}` : code;
    return {
      status,
      headers: {
        "Content-Type": jsonType(message),
        "x-amzn-RequestId": requestId,
        "x-amzn-query-error": `${queryCode};${status < 500 ? "Sender" : "Receiver"}`,
      },
      body: JSON.stringify({ __type: type, message: text }),
    };
  },
};

const awsQuery: Protocol = {
  async decode({ form }, _service, operation, handled) {
    return decodeForm((operation as SupportedOperation).input, form ?? { nodes: new Map() }, handled) as object;
  },
  encode(output, { xmlNamespace }, operation, _request, requestId) {
    const { name, output: member } = operation as SupportedOperation;
    const hasResult = Object.keys(member.shape.members).length > 0;
    const result = hasResult ? `<${name}Result>${encodeMembers(member.shape, output)}</${name}Result>` : "";
    return xmlResponse(
      `<${name}Response xmlns="${xmlNamespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
      requestId,
    );
  },
  encodeError({ queryCode, status, message }, service, _message, requestId) {
    const namespace = service?.xmlNamespace ? ` xmlns="${service.xmlNamespace}"` : "";
    const error = `<Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type><Code>${escapeXml(queryCode)}</Code><Message>${escapeXml(message)}</Message></Error>`;
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
    return decodeJson((operation as SupportedOperation).input, parsed, handled) as object;
  },
  encode(output, _service, operation, _request, requestId) {
    return { ...cborResponse(requestId), body: toCbor((operation as SupportedOperation).output, output) };
  },
  encodeError({ code, queryCode, status, message }, service, _message, requestId) {
    const type = service && code in service.schemas.errors ? `${service.schemas.namespace}#${code}` : code;
    const { headers } = cborResponse(requestId);
    return {
      status,
      headers: { ...headers, "x-amzn-query-error": `${queryCode};${status < 500 ? "Sender" : "Receiver"}` },
      body: cborError(type, message),
    };
  },
};

function cborResponse(requestId: string) {
  const headers = {
    "Content-Type": "application/cbor",
    "smithy-protocol": "rpc-v2-cbor",
    "x-amzn-RequestId": requestId,
  };
  return { status: 200, headers };
}

const restJson: Protocol = {
  decode(request, service, operation, handled) {
    return decodeRest(request, service, operation, handled, async (shape) => {
      const text = (await request.body()).toString();
      const parsed: unknown = parse(() => JSON.parse(text || "{}"), "JSON", service);
      return decodeJson({ shape }, parsed, handled, true);
    });
  },
  encode(output, _service, operation, _request, requestId) {
    const { shape } = (operation as SupportedOperation).output;
    return encodeRest(output, operation, { "x-amzn-RequestId": requestId }, () => [
      "application/json",
      JSON.stringify(encodeJson({ shape: bodyShape(shape) }, output, true)),
    ]);
  },
  encodeError({ code, status, message }, _service, _message, requestId) {
    return {
      status,
      headers: { "Content-Type": "application/json", "x-amzn-errortype": code, "x-amzn-RequestId": requestId },
      body: JSON.stringify({ Type: "User", Message: message, message }),
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
  encode(output, { xmlNamespace }, operation, _request, requestId) {
    const { output: member } = operation as SupportedOperation;
    const [payloadName, payload] = payloadOf(member.shape) ?? [];
    return encodeRest(output, operation, { "x-amz-request-id": requestId }, () => {
      // The schemas lack the trait s3UnwrappedXmlOutput, which only GetBucketLocation has.
      if (operation.name === "GetBucketLocation") {
        const { LocationConstraint = "" } = output as { LocationConstraint?: string };
        const root = "LocationConstraint";
        return ["application/xml", `${XML_HEADER}<${root} xmlns="${xmlNamespace}">${LocationConstraint}</${root}>`];
      }
      const [root, shape, value] =
        payload?.shape.type === "structure"
          ? [payload.xmlName ?? payloadName, payload.shape, (output as Record<string, object>)[payloadName ?? ""] ?? {}]
          : [member.xmlName ?? `${operation.name}Result`, bodyShape(member.shape), output];
      const xml = encodeMembers(shape, value);
      return ["application/xml", `${XML_HEADER}<${root} xmlns="${xmlNamespace}">${xml}</${root}>`];
    });
  },
  encodeError({ code, status, message, details }, _service, { method }, requestId) {
    const more = Object.entries(details).map(([name, text]) => encodeXml(name, { shape: { type: "string" } }, text));
    const body = `${XML_HEADER}<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>${more.join("")}<RequestId>${requestId}</RequestId></Error>`;
    const headers = { "Content-Type": "application/xml", "x-amz-request-id": requestId };
    // The response to HEAD has no body, and the status 304 must not have one.
    return { status, headers, body: method === "HEAD" || status === 304 ? "" : body };
  },
};

/** Reads the body of a REST request, and the members outside of it. */
async function decodeRest(
  request: HttpRequest,
  service: ServiceFormat,
  operation: Operation,
  handled: HandledMembers,
  readBody: (shape: Structure, name: string, handled: HandledMembers) => Promise<unknown>,
): Promise<object> {
  const { shape } = (operation as SupportedOperation).input;
  const value = decodeBindings(request, service, operation, handled);
  const [payloadName, payload] = payloadOf(shape) ?? [];
  if (payloadName !== undefined && payload) {
    if (payload.shape.type === "structure") {
      const isAbsent = request.message.headers["content-length"] === "0" || isWithoutBody(request.message);
      if (!isAbsent || shape.required.includes(payloadName)) {
        const name = payload.xmlName ?? payloadName;
        value[payloadName] = await readBody(payload.shape, name, handled.get(payloadName) ?? new Map());
      }
    } else {
      const isStream = payload.shape.type === "blob" && payload.shape.streaming;
      value[payloadName] = isStream ? request.message : await request.body();
    }
  } else {
    const inBody = bodyShape(shape);
    if (Object.keys(inBody.members).length > 0) Object.assign(value, await readBody(inBody, operation.name, handled));
  }
  assertRequired(shape.required, value);
  return value;
}

function isWithoutBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}

/** Returns the response of a REST service. */
function encodeRest(
  output: object,
  operation: Operation,
  ownHeaders: Readonly<Record<string, string>>,
  encodeBody: () => readonly [contentType: string, body: string],
) {
  const { shape } = (operation as SupportedOperation).output;
  const { headers, status = operation.http?.status ?? 200 } = encodeBindings(
    shape,
    output as Readonly<Record<string, unknown>>,
  );
  const [payloadName, payload] = payloadOf(shape) ?? [];
  const isRaw = payload !== undefined && payload.shape.type !== "structure";
  const hasBody = isRaw || payload !== undefined || Object.keys(bodyShape(shape).members).length > 0;
  if (isRaw || !hasBody) {
    const body = payloadName === undefined ? "" : payloadBody((output as Record<string, unknown>)[payloadName]);
    return { status, headers: { ...ownHeaders, ...headers }, body };
  }
  const [contentType, body] = encodeBody();
  return { status, headers: { ...ownHeaders, "Content-Type": contentType, ...headers }, body };
}

/** The protocols by name. */
export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  json: awsJson,
  query: awsQuery,
  cbor: rpcCbor,
  "rest-json": restJson,
  "rest-xml": restXml,
};
