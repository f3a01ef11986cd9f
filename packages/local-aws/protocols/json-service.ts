import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { crc32 } from "node:zlib";
import type { Service } from "../gateway/gateway";
import { readBody } from "../gateway/request-body";
import type { SupportedService } from "../supported-actions";
import { AwsError, jsonType } from "./responses";

/** A request's parameters, without those that are null. In AWS's protocols, null means that a parameter is missing. */
export type JsonInput = Readonly<Record<string, unknown>>;

export interface JsonServiceOptions {
  readonly service: SupportedService;
  /** Maximum body size. Valid requests are smaller. */
  readonly maxBodyBytes: number;
  /** Error code for JSON that is not an object. @default "SerializationException" */
  readonly invalidInputCode?: string;
  /** Handlers by action name. Each returns the action's output, or throws an AwsError. */
  readonly actions: Readonly<Record<string, (input: JsonInput, request: IncomingMessage) => unknown>>;
}

/** Creates a service that uses AWS's JSON protocol. */
export function jsonService({ service, maxBodyBytes, invalidInputCode, actions }: JsonServiceOptions): Service {
  return {
    services: [service],
    async handle(request, response, { action }) {
      const input = parse(await readBody(request, maxBodyBytes, "SerializationException"));
      if (typeof input !== "object" || input === null || Array.isArray(input)) {
        throw new AwsError(invalidInputCode ?? "SerializationException", "The request must be a JSON object.");
      }
      const present = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
      const body = Buffer.from(JSON.stringify(await actions[action]?.(present, request)));
      response.writeHead(200, {
        "Content-Type": jsonType(request),
        "Content-Length": body.length,
        "x-amzn-RequestId": randomUUID(),
        // DynamoDB clients verify this checksum.
        "x-amz-crc32": crc32(body),
      });
      response.end(body);
    },
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new AwsError("SerializationException", `The request is not valid JSON: ${(cause as Error).message}`);
  }
}
