/** Returns the problem of the value at a path; undefined for a valid one. */
type TypeRule = (value: unknown, path: string) => string | undefined;

const string: TypeRule = (value, path) => (typeof value === "string" ? undefined : `${path} is not a string`);
const integer: TypeRule = (value, path) => (Number.isSafeInteger(value) ? undefined : `${path} is not a whole number`);

const listOf =
  (rule: TypeRule): TypeRule =>
  (value, path) => {
    if (!Array.isArray(value)) return `${path} is not a list`;
    return first(value.map((element, index) => () => rule(element, `${path}[${index}]`)));
  };

const mapOf =
  (rule: TypeRule): TypeRule =>
  (value, path) => {
    if (!isMap(value)) return `${path} is not a map`;
    return first(
      Object.entries(value).map(
        ([key, inner]) =>
          () =>
            rule(inner, `${path}.${key}`),
      ),
    );
  };

const structure =
  (members: Readonly<Record<string, TypeRule>>): TypeRule =>
  (value, path) => {
    if (!isMap(value)) return `${path || "The body"} is not a JSON object`;
    return first(
      Object.entries(value).map(([name, inner]) => () => {
        const rule = Object.hasOwn(members, name) ? members[name] : undefined;
        // A null counts as absent, and SQS ignores unknown members.
        return inner === null ? undefined : rule?.(inner, path ? `${path}.${name}` : name);
      }),
    );
  };

const attributes = mapOf((value, path) => {
  const members = structure({ DataType: string, StringValue: string, BinaryValue: string });
  return members(value, path) ?? string((value as { DataType?: unknown }).DataType, `${path}.DataType`);
});

const redrivePolicy: TypeRule = (value, path) => {
  if (value === "") return undefined; // Removes the policy.
  const { deadLetterTargetArn, maxReceiveCount } = parsed(value);
  const receives = Number(maxReceiveCount);
  const isPolicy = typeof deadLetterTargetArn === "string" && Number.isInteger(receives) && receives >= 1;
  return isPolicy ? undefined : `${path} is not JSON with deadLetterTargetArn and a maxReceiveCount of at least 1`;
};

const queueAttributes: TypeRule = (value, path) =>
  mapOf(string)(value, path) ?? structure({ RedrivePolicy: redrivePolicy })(value, path);

const queueName: TypeRule = (value, path) =>
  typeof value === "string" && /^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(value)
    ? undefined
    : `${path} is not 1 to 80 letters, digits, hyphens and underscores`;

const ofMessage = {
  Id: string,
  MessageBody: string,
  MessageAttributes: attributes,
  MessageSystemAttributes: attributes,
  MessageGroupId: string,
  MessageDeduplicationId: string,
  DelaySeconds: integer,
  ReceiptHandle: string,
  VisibilityTimeout: integer,
} as const satisfies Record<string, TypeRule>;

/** Types of the members. A member has the same type in every action. */
const request = structure({
  ...ofMessage,
  QueueUrl: string,
  QueueName: queueName,
  QueueNamePrefix: string,
  Attributes: queueAttributes,
  AttributeNames: listOf(string),
  Entries: listOf(structure(ofMessage)),
  MaxNumberOfMessages: integer,
  MaxResults: integer,
  MessageAttributeNames: listOf(string),
  MessageSystemAttributeNames: listOf(string),
  NextToken: string,
  SourceArn: string,
  DestinationArn: string,
  MaxNumberOfMessagesPerSecond: integer,
  TaskHandle: string,
  ReceiveRequestAttemptId: string,
  TagKeys: listOf(string),
  Tags: mapOf(string),
  tags: mapOf(string),
  WaitTimeSeconds: integer,
});

/**
 * Returns the type error of a request's body; undefined for a valid one. fauxqs
 * does not check types: a visibility timeout of "abc" would hide a message permanently.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
export function inputProblem(body: unknown): string | undefined {
  return request(body, "");
}

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: unknown): Record<string, unknown> {
  try {
    return Object(JSON.parse(String(text))) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Type name and required members of a batch's entries. */
const ENTRIES: Readonly<Record<string, readonly [entry: string, ...required: string[]]>> = {
  SendMessageBatch: ["SendMessageBatchRequestEntry", "Id", "MessageBody"],
  DeleteMessageBatch: ["DeleteMessageBatchRequestEntry", "Id", "ReceiptHandle"],
  ChangeMessageVisibilityBatch: [
    "ChangeMessageVisibilityBatchRequestEntry",
    "Id",
    "ReceiptHandle",
    "VisibilityTimeout",
  ],
};

const MAX_ID_LENGTH = 80;

/**
 * Returns the error for an invalid entry, which makes SQS reject the whole
 * batch and which fauxqs accepts; undefined for valid entries.
 */
export function entryProblem(action: string, body: unknown): readonly [code: string, message: string] | undefined {
  const [name, ...required] = ENTRIES[action] ?? [];
  for (const [index, entry] of entriesOf(body).entries()) {
    // The number 0 is present, and an empty string is missing.
    const missing = required.find((member) => (entry[member] ?? "") === "");
    if (missing !== undefined) {
      return ["MissingParameter", `The request must contain the parameter ${name}.${index + 1}.${missing}.`];
    }
    if (name !== undefined && String(entry.Id).length > MAX_ID_LENGTH) {
      return ["InvalidBatchEntryId", `${name}.${index + 1}.Id has more than ${MAX_ID_LENGTH} characters.`];
    }
  }
  return undefined;
}

function entriesOf(body: unknown): readonly Record<string, unknown>[] {
  return (body as { Entries?: Record<string, unknown>[] | null }).Entries ?? [];
}
