import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";

/** The part of Fastify's request that the local run uses. fauxqs ships no types of Fastify. */
export interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly headers: IncomingMessage["headers"];
  readonly routeOptions: { readonly url?: string };
  body: unknown;
}

export interface FastifyReply {
  readonly raw: ServerResponse;
  /** Takes over the response from Fastify. */
  hijack(): void;
  getHeader(name: string): unknown;
  header(name: string, value: string): FastifyReply;
  status(code: number): FastifyReply;
  send(body?: unknown): FastifyReply;
}

export type Done<Value = void> = (error?: Error | null, value?: Value) => void;

type AsyncHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
type CallbackHook = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;

/** The part of fauxqs's Fastify application that the local run uses. */
export interface FauxqsApp {
  addHook(name: "preHandler", hook: CallbackHook): unknown;
  addHook(name: "preHandler" | "onSend", hook: AsyncHook): unknown;
  addHook(
    name: "preParsing",
    hook: (request: FastifyRequest, reply: FastifyReply, body: Readable, done: Done<Readable>) => void,
  ): unknown;
  removeContentTypeParser(type: string): void;
  addContentTypeParser(
    type: string,
    options: { parseAs: "buffer" },
    parse: (request: FastifyRequest, body: Buffer, done: Done<unknown>) => void,
  ): void;
  setErrorHandler(
    handler: (error: Error & { readonly statusCode?: number }, request: FastifyRequest, reply: FastifyReply) => void,
  ): unknown;
  inject(request: object): Promise<{
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: string;
  }>;
}
