import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

interface Request {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string };
}

type Done<Value> = (error: Error | null, value?: Value) => void;

/** The part of fauxqs's Fastify that is used here. */
interface App {
  addHook(
    name: "preParsing",
    hook: (request: Request, reply: unknown, body: Readable, done: Done<Readable>) => void,
  ): unknown;
  removeContentTypeParser(type: string): void;
  addContentTypeParser(
    type: string,
    options: { parseAs: "buffer" },
    parse: (request: Request, body: Buffer, done: Done<unknown>) => void,
  ): void;
}

/** Bodies that were read before fauxqs got the request. */
const readBefore = new WeakMap<IncomingMessage, Buffer>();

export function giveBody(request: IncomingMessage, body: Buffer): void {
  readBefore.set(request, body);
}

/**
 * Lets fauxqs have bodies that the front door has read, and parses those of
 * SNS and SQS only: an object of S3 may have any content type.
 */
export function readBodies(app: App): void {
  app.addHook("preParsing", ({ raw }, _reply, body, done) => {
    const read = readBefore.get(raw);
    done(null, read ? Readable.from([read]) : body);
  });
  const parsers: Readonly<Record<string, (text: string) => unknown>> = {
    "application/x-amz-json-1.0": (text) => JSON.parse(text),
    "application/x-www-form-urlencoded": (text) => Object.fromEntries(new URLSearchParams(text)),
  };
  for (const [type, parse] of Object.entries(parsers)) {
    app.removeContentTypeParser(type);
    app.addContentTypeParser(type, { parseAs: "buffer" }, ({ raw, routeOptions }, body, done) => {
      if (raw.method !== "POST" || routeOptions.url !== "/") return done(null, body);
      try {
        done(null, parse(body.toString()));
      } catch (error) {
        done(error as Error);
      }
    });
  }
}
