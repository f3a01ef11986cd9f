import type { IncomingHttpHeaders } from "node:http";

const LOOPBACK_NAME = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9_-]+\.)*localhost)$/i;

export interface OriginGuardProps {
  /** Name of the server, for the reason: "the local run". */
  readonly server: string;
  /** True to reject pages of other servers on this machine too. @default false */
  readonly sameOriginOnly?: boolean;
}

/**
 * Returns why a server on 127.0.0.1 must reject a request with 403; undefined for
 * an allowed one. A browser that shows a foreign page can reach the server too,
 * by a form or through a DNS name that resolves to 127.0.0.1. Programs send a
 * loopback name as `Host` and no `Origin`.
 *
 * @example
 * const reason = originGuard(request.headers, { server: "the local run" });
 * if (reason) response.writeHead(403).end(reason);
 */
export function originGuard(headers: IncomingHttpHeaders, props: OriginGuardProps): string | undefined {
  const { server, sameOriginOnly = false } = props;
  const { host = "", origin, "sec-fetch-site": site, "sec-fetch-mode": mode } = headers;
  if (!isLoopback(`http://${host}`)) {
    return `Invalid Host "${host}": ${server} accepts only 127.0.0.1, [::1], localhost and *.localhost.`;
  }
  const isSameOrigin = origin?.toLowerCase() === `http://${host}`.toLowerCase();
  if (origin !== undefined && !(sameOriginOnly ? isSameOrigin : isLoopback(origin))) {
    const pages = sameOriginOnly ? "its own page" : "pages of this machine";
    return `Invalid Origin "${origin}": ${server} accepts requests only from programs and ${pages}.`;
  }
  // Links and images of another page send no Origin.
  const isCrossOrigin = sameOriginOnly && site === "same-site" && mode !== "navigate";
  return site === "cross-site" || isCrossOrigin ? `${server} rejects cross-origin requests.` : undefined;
}

function isLoopback(origin: string): boolean {
  // `new URL` alone would accept 127.1 or a full-width dot.
  const [, host] = /^https?:\/\/(\[[0-9a-f:]+\]|[^/:?#@\\]+)(?::\d{1,5})?$/i.exec(origin) ?? [];
  return host !== undefined && LOOPBACK_NAME.test(host);
}
