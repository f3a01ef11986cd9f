import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FauxqsApp } from "./fastify";

/** Bodies that the gateway has read. */
const readBodies = new WeakMap<IncomingMessage, Buffer>();

/** Passes a body that the gateway has read to fauxqs. */
export function passBody(request: IncomingMessage, body: Buffer): void {
  readBodies.set(request, body);
}

/** Adds the passed bodies, and parses only those of SNS and SQS: an object of S3 may have any content type. */
export function addBodyParsers(app: FauxqsApp): void {
  app.addHook("preParsing", ({ raw }, _reply, body, done) => {
    const read = readBodies.get(raw);
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
