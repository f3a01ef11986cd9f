import { CredentialsError, NotDeployedError, OperationError, UsageError } from "./errors";

/** The property in which a pipeline's clients keep the request of an error, in words. */
export const FAILED_REQUEST = Symbol("failed request");

/** A request, such as `SNS Publish`, and its resource, such as ` for alice-events`. */
export interface FailedRequest {
  readonly what: string;
  readonly about: string;
}

const NO_CREDENTIALS = new Set(["CredentialsProviderError", "TokenProviderError"]);
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired"]);
const WRONG_CREDENTIALS = new Set([
  "AuthFailure",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const DENIED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
  "KMSAccessDeniedException",
  "UnauthorizedOperation",
]);
const MISSING = new Set([
  "AWS.SimpleQueueService.NonExistentQueue",
  "NoSuchBucket",
  "NonExistentQueue",
  "NotFound",
  "NotFoundException",
  "QueueDoesNotExist",
  "ResourceNotFoundException",
]);
const THROTTLED = new Set([
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "SlowDown",
  "Throttled",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);
/** The last two come from the SDK, for an answer that is not in the service's format. */
const UNSUPPORTED = new Set(["InvalidAction", "NotImplemented", "UnknownOperationException", "Unknown", "SyntaxError"]);
const UNREACHABLE = new Set(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "EHOSTUNREACH", "ENOTFOUND", "ETIMEDOUT"]);

/** Returns whether the endpoint does not support the action. The local run supports only some actions of AWS. */
export function isUnsupported(error: unknown): boolean {
  return statusOf(error) === 501 || (UNSUPPORTED.has(nameOf(error)) && statusOf(error) !== undefined);
}

/** Returns whether the resource does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof NotDeployedError || MISSING.has(nameOf(error));
}

/** Returns whether AWS throttled the request; the SDK has already retried it. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.has(nameOf(error)) || statusOf(error) === 429;
}

/** Returns whether one source of information is not available, while others may be. */
export function isInaccessible(error: unknown): boolean {
  return DENIED.has(nameOf(error)) || isMissing(error) || isUnsupported(error);
}

/** Returns whether every other request would fail in the same way. */
export function concernsEveryRequest(error: unknown): boolean {
  const name = nameOf(error);
  return (
    isInaccessible(error) ||
    isUnreachable(error) ||
    NO_CREDENTIALS.has(name) ||
    EXPIRED.has(name) ||
    WRONG_CREDENTIALS.has(name) ||
    error instanceof OperationError
  );
}

function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.has(String(codeOf(error)));
}

const UNKNOWN_REQUEST: FailedRequest = { what: "the request", about: "" };

/**
 * Turns an error of the SDK into one that says what is wrong and what to do.
 * Only this module knows the names of AWS's errors. Unknown errors keep AWS's message.
 *
 * @param target - The pipeline, such as `the pipeline alice at http://127.0.0.1:4566`.
 */
export function toOperationError(error: unknown, target: string): OperationError {
  if (error instanceof OperationError) return error;
  const name = nameOf(error);
  const { message } = Object(error) as Error;
  const { what, about } = (Object(error) as { [FAILED_REQUEST]?: FailedRequest })[FAILED_REQUEST] ?? UNKNOWN_REQUEST;
  const cause = { cause: error };
  if (NO_CREDENTIALS.has(name)) {
    return new CredentialsError(
      `No AWS credentials found: ${sentence(message)} Sign in (aws sso login), set AWS_PROFILE, or give --profile. For the local run, give --local.`,
      cause,
    );
  }
  if (EXPIRED.has(name)) {
    return new CredentialsError(`The AWS credentials have expired: ${sentence(message)} Sign in again.`, cause);
  }
  if (WRONG_CREDENTIALS.has(name)) {
    return new CredentialsError(
      `AWS rejected the credentials (${name}): ${sentence(message)} Check --profile and the AWS_ variables.`,
      cause,
    );
  }
  if (DENIED.has(name)) {
    return new CredentialsError(`The credentials do not allow ${what}${about}: ${sentence(message)}`, cause);
  }
  if (name === "Error" && message.includes("Region is missing")) {
    return new UsageError(
      `No region found for ${target}. Give --region, set AWS_REGION, or use a profile that has a region.`,
      cause,
    );
  }
  if (isThrottled(error)) {
    return new OperationError(
      `AWS throttled ${what}${about} (${name}), and all retries failed. Try again later, or with a lower --rate.`,
      cause,
    );
  }
  if (isUnsupported(error)) {
    return new OperationError(`${what} is not supported by ${target}: ${sentence(message)}`, cause);
  }
  if (MISSING.has(name)) {
    return new NotDeployedError(
      `${what} found nothing${about}: ${sentence(message)} Is ${target} deployed with that name, in that region and account? Check --name, --region and --profile.`,
      cause,
    );
  }
  if (isUnreachable(error)) {
    return new OperationError(
      `Cannot connect to ${target} (${codeOf(error)}). Start the local run with npm start, or check --endpoint-url and the network.`,
      cause,
    );
  }
  return new OperationError(`${what}${about} failed: ${name}: ${sentence(message)}`, cause);
}

function nameOf(error: unknown): string {
  return String((Object(error) as Error).name ?? "Error");
}

function statusOf(error: unknown): number | undefined {
  return (Object(error) as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** Returns a connection's error code. A connection tried at several addresses has an error for each. */
function codeOf(error: unknown): string | undefined {
  const { code, errors } = Object(error) as { code?: string; errors?: readonly { code?: string }[] };
  return code ?? errors?.[0]?.code;
}

function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text || "AWS gave no reason"}.`;
}
