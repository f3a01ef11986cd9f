import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import type { Reaction, SdkRequest } from "@event-pipeline/testing/faulty-proxy";

/** The code and the status of an error. */
type Failure = readonly [code: string, status: number];

/** Failures by service, each with a default for the other services. */
const DENIED: Readonly<Record<string, Failure>> = {
  default: ["AccessDeniedException", 400],
  iam: ["AccessDenied", 403],
  lambda: ["AccessDeniedException", 403],
  monitoring: ["AccessDenied", 403],
  s3: ["AccessDenied", 403],
  sns: ["AuthorizationError", 403],
  sqs: ["AccessDenied", 403],
  sts: ["AccessDenied", 403],
};
const THROTTLED: typeof DENIED = {
  default: ["ThrottlingException", 400],
  dynamodb: ["ProvisionedThroughputExceededException", 400],
  iam: ["Throttling", 400],
  lambda: ["TooManyRequestsException", 429],
  monitoring: ["Throttling", 400],
  s3: ["SlowDown", 503],
  sns: ["Throttled", 429],
  sqs: ["RequestThrottled", 403],
  sts: ["Throttling", 400],
};
const EXPIRED: typeof DENIED = {
  default: ["ExpiredTokenException", 400],
  iam: ["ExpiredToken", 403],
  lambda: ["ExpiredTokenException", 403],
  monitoring: ["ExpiredToken", 403],
  s3: ["ExpiredToken", 400],
  sns: ["ExpiredToken", 403],
  sqs: ["ExpiredToken", 403],
  sts: ["ExpiredToken", 403],
};
const BROKEN: typeof DENIED = { default: ["InternalFailure", 500], s3: ["InternalError", 500] };

function failure(failures: typeof DENIED, { service }: SdkRequest, message: string): AwsError {
  const [code, status] = failures[service] ?? (failures.default as Failure);
  return new AwsError(code, message, status);
}

/** The requests that a fault hits, from the call that it names on: one call with or without its retries, or all. */
type Extent = "one attempt" | "one call" | "all calls" | "all operations";

export interface Fault {
  readonly extent: Extent;
  /** Matches the row of the fault in the table of exit codes in docs/operations.md. */
  readonly row: RegExp;
  readonly react: (request: SdkRequest) => Reaction | undefined;
}

/** The faults by name. Messages from AWS often do not name the operation, so these do not. */
export const FAULTS = {
  denied: {
    extent: "all calls",
    row: /permission is missing/,
    react: (request) => failure(DENIED, request, "Access Denied"),
  },
  throttled: {
    extent: "all calls",
    row: /throttles/,
    react: (request) => failure(THROTTLED, request, "Rate exceeded"),
  },
  broken: {
    extent: "one call",
    row: /throttles/,
    react: (request) => failure(BROKEN, request, "We encountered an internal error."),
  },
  reset: { extent: "one call", row: /response is lost/, react: () => "reset" },
  "early close": { extent: "one attempt", row: /response is lost/, react: () => "early close" },
  truncated: { extent: "one attempt", row: /response is lost/, react: () => "truncated" },
  "early closes": { extent: "all calls", row: /response is lost/, react: () => "early close" },
  expired: {
    extent: "all operations",
    row: /credentials expire/,
    react: (request) => failure(EXPIRED, request, "The security token included in the request is expired"),
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;
