import type { IncomingMessage } from "node:http";
import { UsageError } from "@event-pipeline/operations/errors";
import type { PublishRequest, RedriveRequest } from "../api";

/** A message of 256 KiB, each byte of it as a JSON escape of six characters. */
const MAX_BODY_BYTES = 2 * 1_024 * 1_024;

/** What SNS takes in one message. @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const ATTRIBUTE_NAME = /^(?!AWS\.|Amazon\.)[\w-]+(?:\.[\w-]+)*$/i;

/** @throws UsageError when the body is too large, or no JSON object. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw new UsageError("The body's Content-Type is not application/json.");
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new UsageError(`The body is larger than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new UsageError(`The body is not JSON: ${(cause as Error).message}.`, { cause });
  }
  throw new UsageError("The body is no JSON object.");
}

/** @throws UsageError that names what is wrong. */
export function publishRequest({ message, attributes = {} }: Record<string, unknown>): PublishRequest {
  if (typeof message !== "string") throw new UsageError("message is no string.");
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    throw new UsageError("attributes is no object.");
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (!ATTRIBUTE_NAME.test(name) || name.length > 256) {
      throw new UsageError(
        `The attribute's name is ${JSON.stringify(name.slice(0, 300))}. SNS takes at most 256 letters, digits, "_", "-" and single dots, and no name that starts with AWS. or Amazon.`,
      );
    }
    if (typeof value !== "string" || value === "") throw new UsageError(`The attribute ${name} has no value.`);
  }
  return { message, attributes: attributes as Record<string, string> };
}

/** @throws UsageError that names what is wrong. */
export function redriveRequest({ ids, code, all }: Record<string, unknown>): RedriveRequest {
  const given = [ids, code, all].filter((value) => value !== undefined);
  if (given.length === 1) {
    if (all === true) return { all };
    if (typeof code === "string") return { code };
    if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === "string")) return { ids };
  }
  throw new UsageError('Which dead letters? One of {"ids": ["…"]}, {"code": "…"} and {"all": true}.');
}
