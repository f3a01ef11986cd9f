import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock";
import type { AwsError } from "../protocols/aws-error";
import type { MemberPath } from "../protocols/handled-members";
import type { InvalidInput } from "../protocols/invalid-input";
import type { ServiceFormat } from "../protocols/protocol";
import type { Caller } from "./caller";

/** The circumstances of a request. */
export interface RequestContext {
  readonly caller: Caller;
  readonly requestId: string;
  /** URL of the gateway, without a slash at its end. */
  readonly endpoint: string;
  readonly region: string;
  readonly clock: Clock;
  /** Returns a signal that aborts when the client disconnects or the server stops. Nobody receives a response then. */
  readonly disconnected: () => AbortSignal;
  /** The HTTP request, for what the input does not contain. */
  readonly request: IncomingMessage;
}

/**
 * An action of a service. Each one has a file of its own in the service's folder `actions`, whose name is the action's
 * in kebab case. A request with a member that is not handled gets status 501.
 *
 * @example
 * export const GetQueueUrl: Action<GetQueueUrlRequest, GetQueueUrlResult, Sqs> = {
 *   handles: ["QueueName"],
 *   run: ({ QueueName }, sqs) => ({ QueueUrl: sqs.queueNamed(QueueName).url }),
 * };
 */
export interface Action<Input extends object, Output, State> {
  /** The members of the input that have an effect here, as on AWS. */
  readonly handles: readonly MemberPath<Input>[];
  /** Differences from AWS, for the documentation. @default - none */
  readonly differs?: string;
  /** @throws AwsError with the error that AWS would return, and NotSupported for a value without an effect here. */
  run(input: Input, state: State, context: RequestContext): Output | Promise<Output>;
}

/** Any action of a service. */
// biome-ignore lint/suspicious/noExplicitAny: the gateway decodes each input by the action's own schema.
export type AnyAction<State> = Omit<Action<any, any, State>, "handles"> & { readonly handles: readonly string[] };

/** An AWS service. */
export interface ServiceDefinition<State> extends ServiceFormat {
  readonly name: string;
  /** The service's name in a signature's credential scope, such as `monitoring`. */
  readonly signingName: string;
  /** Prefix before the action's name in `X-Amz-Target`, for the JSON and CBOR protocols. */
  readonly targetPrefix?: string;
  /** Value of the `Version` parameter in the query protocol. */
  readonly queryVersion?: string;
  /** Maximum size of a request's body. Valid requests are smaller. */
  readonly maxBodyBytes: number;
  /** Error code for a body that is too large. @default - `unparsableCode` */
  readonly tooLargeCode?: string;
  /** Returns the service's error for a request that does not match its schema. */
  readonly invalidInput: (error: InvalidInput, action: string) => AwsError;
  /**
   * Opens the body of a REST request, without its transfer format. It verifies the digests at the body's end.
   *
   * @default - the body as it is
   */
  readonly openBody?: (message: IncomingMessage, operation: string) => AsyncIterable<Buffer>;
  readonly actions: Readonly<Record<string, AnyAction<State>>>;
}

/** Any service. */
// biome-ignore lint/suspicious/noExplicitAny: each service has a state of its own type.
export type AnyDefinition = ServiceDefinition<any>;
