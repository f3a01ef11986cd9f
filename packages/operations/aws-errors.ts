import {
  CredentialsError,
  NotDeployedError,
  NotRunningError,
  OperationError,
  PermissionError,
  UsageError,
} from "./errors";

/** The property of an error in which a pipeline's clients keep the request that failed. */
export const FAILED_REQUEST = Symbol("failed request");

/** A request to AWS, for messages. */
export interface AwsRequest {
  /** The service and the action, such as `SNS Publish`. */
  readonly action: string;
  /** A phrase with the resource, such as ` for alice-events`; empty when the request names no resource. */
  readonly forResource: string;
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
  "UnauthorizedOperation",
]);
/** Matches the names that SQS, SNS and Lambda have for a denied request to KMS. */
const KMS_DENIED = /^KMS\.?AccessDenied(Exception)?$/i;
const MISSING = new Set([
  "AWS.SimpleQueueService.NonExistentQueue",
  "NoSuchBucket",
  "NoSuchEntityException",
  "NonExistentQueue",
  "NotFound",
  "NotFoundException",
  "QueueDoesNotExist",
  "ResourceNotFoundException",
]);
const THROTTLED = new Set([
  "KmsThrottled",
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
const UNSUPPORTED = new Set(["InvalidAction", "NotImplemented", "UnknownOperationException"]);
const UNREACHABLE = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Thrown for a response that AWS did not write, such as a proxy's page in HTML. */
export class ForeignResponseError extends Error {
  override readonly name = "ForeignResponseError";
}

/** Returns whether the endpoint does not support the action, as the local run does not support every AWS action. */
export function isUnsupported(error: unknown): boolean {
  return statusOf(error) === 501 || UNSUPPORTED.has(nameOf(error));
}

/** Returns whether the resource does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof NotDeployedError || MISSING.has(nameOf(error)) || hasOnlyStatus(error, 404);
}

/** Returns whether the credentials lack the permission for the request. */
export function isDenied(error: unknown): boolean {
  const name = nameOf(error);
  return error instanceof PermissionError || DENIED.has(name) || KMS_DENIED.test(name) || hasOnlyStatus(error, 403);
}

/** Returns whether a response has this status and no error code, as responses to HeadBucket, which have no body. */
function hasOnlyStatus(error: unknown, status: number): boolean {
  return statusOf(error) === status && /^Unknown(Error)?$/.test(nameOf(error));
}

/** Returns whether the response is not in the service's format. The SDK names such errors after its parsers. */
function isForeign(error: unknown): boolean {
  return (
    error instanceof ForeignResponseError ||
    (statusOf(error) !== undefined && /^(SyntaxError|Unknown|UnknownError)$/.test(nameOf(error))) ||
    String(Object(error).message).includes("XML parse error")
  );
}

/** Returns whether AWS throttled the request. The SDK has already retried the request. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.has(nameOf(error)) || statusOf(error) === 429;
}

/** Returns whether the request was denied, is unsupported, or names a missing resource. Other resources may be accessible. */
export function isInaccessible(error: unknown): boolean {
  return isDenied(error) || isMissing(error) || isUnsupported(error);
}

/** Returns whether every other request would fail with the same error. */
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
  return (
    UNREACHABLE.has(String(codeOf(error))) ||
    nameOf(error) === "TimeoutError" ||
    // The SDK wraps some errors of cut responses, without their code.
    /Error: aborted|socket hang up|premature close/i.test(String(Object(error).message))
  );
}

/** Returns whether the same request may succeed later: AWS throttled it or failed, or the response was lost or cut. */
export function isPassing(error: unknown): boolean {
  if (isInaccessible(error) || error instanceof OperationError) return false;
  const isServerError = (statusOf(error) ?? 0) >= 500 || nameOf(error) === "RequestTimeout";
  return isServerError || isThrottled(error) || isUnreachable(error) || isForeign(error);
}

const UNKNOWN_REQUEST: AwsRequest = { action: "the request", forResource: "" };

/**
 * Converts an SDK error into an error whose message says what is wrong and what to do.
 * Only this module knows the names of AWS errors. Unknown errors keep the message from AWS.
 *
 * @param target - The pipeline as the message names it, such as `the pipeline alice at http://127.0.0.1:4566`.
 */
export function toOperationError(error: unknown, target: string): OperationError {
  if (error instanceof OperationError) return error;
  const name = nameOf(error);
  const { message } = Object(error) as Error;
  const { action, forResource } =
    (Object(error) as { [FAILED_REQUEST]?: AwsRequest })[FAILED_REQUEST] ?? UNKNOWN_REQUEST;
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
  if (isDenied(error)) {
    return new PermissionError(`The credentials do not allow ${action}${forResource}: ${sentence(message)}`, cause);
  }
  if (name === "Error" && message.includes("Region is missing")) {
    return new UsageError(
      `No region found for ${target}. Give --region, set AWS_REGION, or use a profile that has a region.`,
      cause,
    );
  }
  if (isThrottled(error)) {
    return new OperationError(
      `AWS throttled ${action}${forResource} (${name}), and all retries failed. Try again later, or with a lower --rate.`,
      cause,
    );
  }
  if (isUnsupported(error)) {
    return new OperationError(`${action} is not supported by ${target}: ${sentence(message)}`, cause);
  }
  if (isMissing(error)) {
    return new NotDeployedError(
      `${action} found nothing${forResource}: ${sentence(message)} Check that ${target} is deployed, and that --name, --region and --profile are correct.`,
      cause,
    );
  }
  if (isUnreachable(error)) {
    const [, endpoint] = / at (https?:\S+)/.exec(target) ?? [];
    if (endpoint !== undefined && codeOf(error) === "ECONNREFUSED") {
      return new NotRunningError(
        `Nothing runs at ${endpoint}. Start it (a local run: npm start in its project), or give another --endpoint-url. ${action}${forResource} failed with ECONNREFUSED.`,
        cause,
      );
    }
    const advice = endpoint
      ? "Check that it is running, and --endpoint-url. If it is a local run, start it with npm start in its project."
      : "Check the network, a proxy in HTTPS_PROXY, and --region. Then run the command again.";
    return new OperationError(
      `${action}${forResource} got no complete response from ${target} (${codeOf(error) ?? "the connection was lost"}). ${advice}`,
      cause,
    );
  }
  if (hasOnlyStatus(error, 400)) {
    return new OperationError(
      `${action}${forResource} failed with HTTP status 400 and without a reason. S3 gives no reason for a HEAD request: the credentials may have expired.`,
      cause,
    );
  }
  if (isForeign(error)) {
    return new OperationError(
      `${action}${forResource} got a response that AWS did not write${statusText(error)}. Check --endpoint-url, and whether a proxy or a sign-in page answers in place of AWS.`,
      cause,
    );
  }
  return new OperationError(`${action}${forResource} failed: ${name}: ${sentence(message)}`, cause);
}

function nameOf(error: unknown): string {
  return String((Object(error) as Error).name ?? "Error");
}

function statusOf(error: unknown): number | undefined {
  return (Object(error) as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function statusText(error: unknown): string {
  const status = statusOf(error);
  return status === undefined ? "" : ` (HTTP status ${status})`;
}

/** Returns the error code of a failed connection. Node.js reports one error per address that it tried. */
function codeOf(error: unknown): string | undefined {
  const { code, errors } = Object(error) as { code?: string; errors?: readonly { code?: string }[] };
  return code ?? errors?.[0]?.code;
}

function sentence(message: string): string {
  // The SDK adds advice for programmers.
  const text = message.replace(/\s+Deserialization error: .*/s, "").trim();
  return /[.!?]$/.test(text) ? text : `${text || "AWS gave no reason"}.`;
}
