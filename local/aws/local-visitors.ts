import type { IncomingMessage } from "node:http";
import type { ErrorAnswer } from "./error-answer";

const LOCAL_NAME = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9_-]+\.)*localhost)$/i;

/**
 * Why a request gets no answer: a browser that shows somebody else's page can
 * reach this port too, by a form or by a name that was made to point here.
 * Programs send no `Origin`, and a local name as `Host`.
 *
 * @returns undefined for a local visitor.
 */
export function foreignVisitor({ headers }: IncomingMessage): ErrorAnswer | undefined {
  if (!isLocal(`http://${headers.host}`)) {
    return forbidden(
      `The Host is "${headers.host ?? ""}". The local run answers to 127.0.0.1, [::1], localhost and *.localhost only.`,
    );
  }
  if (headers.origin !== undefined && !isLocal(headers.origin)) {
    return forbidden(`The Origin is "${headers.origin}". The local run answers no web page but one of this machine.`);
  }
  // A page without a readable origin, such as an image's or a link's request.
  if (headers["sec-fetch-site"] === "cross-site") {
    return forbidden("The request comes from another site's page. The local run answers no web page but its own.");
  }
  return undefined;
}

function isLocal(origin: string): boolean {
  // Not by `new URL` alone: it mends much that is no host, such as 127.1 or a full-width dot.
  const [, host] = /^https?:\/\/(\[[0-9a-f:]+\]|[^/:?#@\\]+)(?::\d{1,5})?$/i.exec(origin) ?? [];
  return host !== undefined && LOCAL_NAME.test(host);
}

function forbidden(message: string): ErrorAnswer {
  return { status: 403, code: "AccessDenied", message };
}
