import type { FilterLogEventsRequest } from "@aws-sdk/client-cloudwatch-logs";
import { ACCOUNT_ID } from "../account";
import type { CloudWatch } from "../cloudwatch/cloudwatch";
import type { Host } from "../host";
import { AwsError } from "../protocols/aws-error";
import { LogGroup } from "./log-group";

/** The log groups of functions and of clients. They are only in memory. */
export class Logs {
  private readonly byName = new Map<string, LogGroup>();

  /** @param cloudwatch - Gets the metrics in the log lines. */
  constructor(
    private readonly host: Host,
    private readonly cloudwatch?: CloudWatch,
  ) {}

  /** Returns the log group with this name. Creates it if necessary. */
  group(name: string): LogGroup {
    const existing = this.byName.get(name);
    if (existing) return existing;
    const arn = `arn:aws:logs:${this.host.region}:${ACCOUNT_ID}:log-group:${name}`;
    const group = new LogGroup(name, arn, this.host.clock, (line) => this.cloudwatch?.readLogLine(line));
    this.byName.set(name, group);
    return group;
  }

  /** @throws AwsError when there is such a log group, or its name is not allowed. */
  create(name: string): void {
    if (!/^[\w./#-]{1,512}$/.test(name)) {
      throw invalidParameter(
        'logGroupName must have 1 to 512 of the characters a-z, A-Z, 0-9, "_", "-", "/", "." and "#".',
      );
    }
    if (this.byName.has(name)) {
      throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    this.group(name);
  }

  delete({ name }: LogGroup): void {
    this.byName.delete(name);
  }

  /**
   * Finds the log group of a request: by its name, or by its name or ARN, with or without `:*`.
   *
   * @throws AwsError when there is none, or not exactly one of the two parameters.
   */
  find({ logGroupName, logGroupIdentifier }: Pick<FilterLogEventsRequest, "logGroupName" | "logGroupIdentifier">) {
    if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
      throw invalidParameter("The request must have either logGroupName or logGroupIdentifier.");
    }
    const identifier = logGroupIdentifier?.replace(/:\*$/, "");
    const group = this.all().find(
      ({ name, arn }) => name === (logGroupName ?? identifier) || (identifier !== undefined && arn === identifier),
    );
    if (group) return group;
    throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  }

  /** Returns all log groups, sorted by name. */
  all(): LogGroup[] {
    return [...this.byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}

/** Returns the error for an invalid parameter. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

/** @throws AwsError when a number is not a whole number from `min` to `max`. */
export function assertWhole(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw invalidParameter(`${name} must be a whole number from ${min} to ${max}.`);
}

/** @throws AwsError when one of these texts is empty. */
export function assertNotEmpty(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text === "") throw invalidParameter(`${name} must be a string of at least one character.`);
  }
}
