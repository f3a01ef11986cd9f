import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { foreignVisitor } from "@event-pipeline/program/loopback-visitors";

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
 * The page is a stricter host than the local run: it answers no page of this
 * machine but itself, for it acts with its user's credentials.
 *
 * @returns undefined for who may be answered.
 */
export function refusalOfVisitor({ headers }: IncomingMessage): Refusal | undefined {
  const foreign = foreignVisitor(headers, "This page");
  if (foreign !== undefined) return { status: 403, error: foreign };
  const { host, origin } = headers;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase()) {
    return { status: 403, error: `The Origin is "${origin}". This page answers no other page.` };
  }
  if (headers["sec-fetch-site"] === "same-site" && headers["sec-fetch-mode"] !== "navigate") {
    return { status: 403, error: "The request comes from another page of this machine. This page answers no other." };
  }
  return undefined;
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
