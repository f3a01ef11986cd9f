/**
 * How a service is spoken to, which is also how it answers errors.
 *
 * @see https://smithy.io/2.0/aws/protocols/index.html
 */
export type Protocol = "json" | "query" | "rest-json" | "rest-xml" | "cbor";

/** A service of AWS as far as the local run answers it. */
export interface ServedService {
  /** As its users call it. */
  readonly name: string;
  /** In the scope of a signature, such as `monitoring`. */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** Before the action in `X-Amz-Target`, where the protocol is JSON. */
  readonly targetPrefix?: string;
  /** `Version` of its query protocol, where it has one. */
  readonly queryVersion?: string;
  /** The actions that are answered, each with what is otherwise than on AWS; empty where nothing is that a user meets. */
  readonly actions: Readonly<Record<string, string>>;
}
