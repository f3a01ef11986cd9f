import { CredentialsError, NotDeployedError, OperationError, UsageError } from "./errors";

/** Of a request that failed: which it was, and what it was about. */
export interface FailedRequest {
  readonly service: string;
  readonly operation: string;
  /** Name, URL or ARN; undefined where the request is about none. */
  readonly resource: string | undefined;
}

/** Where the clients of a pipeline put what they know about the request of an error. */
export const FAILED_REQUEST = Symbol("failed request");

/** Members of requests that name what they are about, in the words of each service. */
const RESOURCE_MEMBERS = [
  "QueueUrl",
  "QueueName",
  "TopicArn",
  "TableName",
  "Bucket",
  "logGroupName",
  "DeliveryStreamName",
  "FunctionName",
];

export function resourceOf(input: unknown): string | undefined {
  const members = Object(input) as Record<string, unknown>;
  const named = RESOURCE_MEMBERS.map((member) => members[member]).find((value) => typeof value === "string");
  // BatchGetItem and BatchWriteItem name their table as a key.
  return named === undefined ? Object.keys(Object(members.RequestItems))[0] : String(named);
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
/** The last two are the SDK's own, for an answer in no form of the service. */
const UNSUPPORTED = new Set(["InvalidAction", "NotImplemented", "UnknownOperationException", "Unknown", "SyntaxError"]);
const UNREACHABLE = new Set(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "EHOSTUNREACH", "ENOTFOUND", "ETIMEDOUT"]);

/** Whether whoever answered does not have that action: the local run has not all of AWS's. */
export function isUnsupported(error: unknown): boolean {
  return statusOf(error) === 501 || (UNSUPPORTED.has(nameOf(error)) && statusOf(error) !== undefined);
}

/** Whether what the request is about is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof NotDeployedError || MISSING.has(nameOf(error));
}

/** Whether AWS asks for fewer requests; the SDK has tried again already. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.has(nameOf(error)) || statusOf(error) === 429;
}

/** Whether the credentials may not do what was asked. */
export function isDenied(error: unknown): boolean {
  return DENIED.has(nameOf(error));
}

/** Whether every other request would fail as this one did: no credentials, nothing there, nobody who answers. */
export function concernsEveryRequest(error: unknown): boolean {
  const name = nameOf(error);
  return (
    isMissing(error) ||
    isDenied(error) ||
    isUnsupported(error) ||
    isUnreachable(error) ||
    NO_CREDENTIALS.has(name) ||
    EXPIRED.has(name) ||
    WRONG_CREDENTIALS.has(name) ||
    error instanceof OperationError
  );
}

/** Whether nobody answers at the address. */
function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.has(String(codeOf(error)));
}

/**
 * An error of the SDK in the words of the pipeline: what is wrong, and what to
 * do. The one place that knows AWS's names of errors; what it does not know
 * comes with AWS's own message.
 *
 * @param target - What was asked, as in `the pipeline alice at http://127.0.0.1:4566`.
 */
export function explained(error: unknown, target: string): OperationError {
  if (error instanceof OperationError) return error;
  const name = nameOf(error);
  const { message } = Object(error) as Error;
  const request = (Object(error) as { [FAILED_REQUEST]?: FailedRequest })[FAILED_REQUEST];
  const what = request ? `${request.service} ${request.operation}` : "the request";
  const about = request?.resource === undefined ? "" : ` for ${request.resource}`;
  const cause = { cause: error };
  if (NO_CREDENTIALS.has(name)) {
    return new CredentialsError(
      `There are no AWS credentials: ${sentence(message)} Sign in (aws sso login, aws login), or set AWS_PROFILE, or give --profile; for the local run give --local.`,
      cause,
    );
  }
  if (EXPIRED.has(name)) {
    return new CredentialsError(`The AWS credentials have expired: ${sentence(message)} Sign in again.`, cause);
  }
  if (WRONG_CREDENTIALS.has(name)) {
    return new CredentialsError(
      `AWS does not take the credentials (${name}): ${sentence(message)} Check --profile and the AWS_ variables.`,
      cause,
    );
  }
  if (DENIED.has(name)) {
    return new CredentialsError(`The credentials may not do ${what}${about}: ${sentence(message)}`, cause);
  }
  if (name === "Error" && message.includes("Region is missing")) {
    return new UsageError(
      `There is no region for ${target}. Give --region, or set AWS_REGION, or name a profile that is there and has one.`,
      cause,
    );
  }
  if (isThrottled(error)) {
    return new OperationError(
      `AWS throttled ${what}${about} (${name}), and did so again when it was retried. Try later, or slower.`,
      cause,
    );
  }
  if (isUnsupported(error)) {
    return new OperationError(`${what} is not answered there, by ${target}: ${sentence(message)}`, cause);
  }
  if (MISSING.has(name)) {
    return new NotDeployedError(
      `${what} found nothing${about}: ${sentence(message)} Is ${target} deployed under that name, and in that region and account? See --name, --region and --profile.`,
      cause,
    );
  }
  if (isUnreachable(error)) {
    return new OperationError(
      `Nothing answers for ${target} (${codeOf(error)}). Start the local run with npm start, or check --endpoint-url and the network.`,
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

/** Of a connection; one that was tried at several addresses has an error for each. */
function codeOf(error: unknown): string | undefined {
  const { code, errors } = Object(error) as { code?: string; errors?: readonly { code?: string }[] };
  return code ?? errors?.[0]?.code;
}

function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text || "AWS says no more"}.`;
}
