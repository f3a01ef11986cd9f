import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { AwsError } from "./aws-error";
import type { FormNode } from "./form";
import type { HandledMembers } from "./handled-members";
import type { ServiceSchemas, SupportedOperation } from "./shape";

/** An AWS protocol. It determines the format of requests, responses and errors: https://smithy.io/2.0/aws/protocols/ */
export type ProtocolName = "json" | "query" | "rest-json" | "rest-xml" | "cbor";

/** A request whose operation is known. */
export interface HttpRequest {
  readonly message: IncomingMessage;
  /** Path without the query, and without the name of a bucket. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Values of labels that are not in the path, such as the bucket in the host name. */
  readonly labels: Readonly<Record<string, string>>;
  /** The parameters of the query protocol. */
  readonly form: FormNode | undefined;
  /** Reads the body. @throws AwsError when it is too large. */
  readonly body: () => Promise<Buffer>;
  /** Returns the body as a stream, whose digests are verified at its end. */
  readonly stream: () => AsyncIterable<Buffer>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable;
}

/** The properties of a service that a protocol needs. */
export interface ServiceFormat {
  readonly schemas: ServiceSchemas;
  /** The service's protocols. For requests that name no protocol, the first is used. */
  readonly protocols: readonly [ProtocolName, ...ProtocolName[]];
  /** Namespace of the service's XML. */
  readonly xmlNamespace?: string;
  /** Error code for a body that cannot be parsed. */
  readonly unparsableCode: string;
  /** Headers and query parameters of REST requests that may be passed over, in lower case, with the reason. */
  readonly ignoredParameters?: Readonly<Record<string, string>>;
}

/** An error that is ready to be sent. */
export interface ErrorReply extends Pick<AwsError, "code" | "message" | "details" | "headers"> {
  /** Code in the query protocol. */
  readonly queryCode: string;
  readonly status: number;
}

export interface Protocol {
  /**
   * Decodes a request's input.
   *
   * @throws InvalidInput, NotSupported or AwsError for an invalid request.
   */
  decode(
    request: HttpRequest,
    service: ServiceFormat,
    operation: SupportedOperation,
    handled: HandledMembers,
  ): Promise<object>;
  encode(
    output: object,
    service: ServiceFormat,
    operation: SupportedOperation,
    message: IncomingMessage,
    requestId: string,
  ): HttpResponse;
  encodeError(
    error: ErrorReply,
    service: ServiceFormat | undefined,
    message: IncomingMessage,
    requestId: string,
  ): HttpResponse;
}
