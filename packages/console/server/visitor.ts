import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { originGuard } from "@event-pipeline/node-process/origin-guard";

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
}

/** The secret of one start of the server. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/**
 * Rejects every page but this server's own: it acts with its user's credentials.
 *
 * @returns undefined for an allowed request.
 */
export function refusalOfVisitor({ headers }: IncomingMessage): Refusal | undefined {
  const error = originGuard(headers, { server: "this page", sameOriginOnly: true });
  return error === undefined ? undefined : { status: 403, error };
}

/** @returns undefined for a request that shows the token. */
export function refusalWithoutToken({ headers }: IncomingMessage, token: string): Refusal | undefined {
  const [, shown = ""] = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? "") ?? [];
  // Of equal length, whatever was shown.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (timingSafeEqual(digest(shown), digest(token))) return undefined;
  return {
    status: 401,
    error: shown
      ? "The token is not the one of this start. Open the URL that was printed at the start."
      : "A token is needed. Open the URL that was printed at the start.",
  };
}
