import type { IncomingHttpHeaders } from "node:http";

const LOOPBACK_NAME = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9_-]+\.)*localhost)$/i;

export interface OriginGuardOptions {
  /** Name of the server in the reason: "the local run". */
  readonly server: string;
  /** True to also reject requests from pages of other servers on this machine. @default false */
  readonly sameOriginOnly?: boolean;
}

/**
 * Returns why a server on 127.0.0.1 must reject a request with 403, or undefined
 * if it must not. Any website can make the user's browser send requests to
 * 127.0.0.1, with a form or through a DNS name that resolves to 127.0.0.1.
 * Other programs send a loopback name as `Host`, and no `Origin`.
 *
 * @example
 * const reason = originGuard(request.headers, { server: "the local run" });
 * if (reason) response.writeHead(403).end(reason);
 */
export function originGuard(headers: IncomingHttpHeaders, options: OriginGuardOptions): string | undefined {
  const { server, sameOriginOnly = false } = options;
  const { host = "", origin, "sec-fetch-site": site, "sec-fetch-mode": mode } = headers;
  if (!isLoopback(`http://${host}`)) {
    return `Invalid Host "${host}": ${server} accepts only 127.0.0.1, [::1], localhost and *.localhost.`;
  }
  const isSameOrigin = origin?.toLowerCase() === `http://${host}`.toLowerCase();
  if (origin !== undefined && !(sameOriginOnly ? isSameOrigin : isLoopback(origin))) {
    const pages = sameOriginOnly ? "its own page" : "pages on this machine";
    return `Invalid Origin "${origin}": ${server} accepts requests only from programs and ${pages}.`;
  }
  // For links and images, browsers send no Origin.
  const isCrossOrigin = sameOriginOnly && site === "same-site" && mode !== "navigate";
  return site === "cross-site" || isCrossOrigin ? `${server} rejects cross-origin requests.` : undefined;
}

function isLoopback(origin: string): boolean {
  // `new URL` alone would also accept 127.1 and full-width dots.
  const [, host] = /^https?:\/\/(\[[0-9a-f:]+\]|[^/:?#@\\]+)(?::\d{1,5})?$/i.exec(origin) ?? [];
  return host !== undefined && LOOPBACK_NAME.test(host);
}
