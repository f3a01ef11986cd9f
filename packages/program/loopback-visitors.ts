const LOCAL_NAME = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9_-]+\.)*localhost)$/i;

/** Of a request's headers, those that say where it comes from. */
export interface VisitorHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

/**
 * Why a server of 127.0.0.1 gives a request no answer: a browser that shows
 * somebody else's page can reach it too, by a form or by a name that was made
 * to point here. Programs send no `Origin`, and a local name as `Host`.
 *
 * @param server - Who refuses, as the subject of a sentence.
 * @returns undefined for a local visitor.
 */
export function foreignVisitor(headers: VisitorHeaders, server: string): string | undefined {
  if (!isLocal(`http://${headers.host}`)) {
    return `The Host is "${headers.host ?? ""}". ${server} answers to 127.0.0.1, [::1], localhost and *.localhost only.`;
  }
  if (headers.origin !== undefined && !isLocal(headers.origin)) {
    return `The Origin is "${headers.origin}". ${server} answers no web page but one of this machine.`;
  }
  // A page without a readable origin, such as an image's or a link's request.
  if (headers["sec-fetch-site"] === "cross-site") {
    return `The request comes from another site's page. ${server} answers no web page but its own.`;
  }
  return undefined;
}

function isLocal(origin: string): boolean {
  // Not by `new URL` alone: it mends much that is no host, such as 127.1 or a full-width dot.
  const [, host] = /^https?:\/\/(\[[0-9a-f:]+\]|[^/:?#@\\]+)(?::\d{1,5})?$/i.exec(origin) ?? [];
  return host !== undefined && LOCAL_NAME.test(host);
}
