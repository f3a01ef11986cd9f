/** What is wrong with the value at a path, or undefined when nothing is. */
type Rule = (value: unknown, path: string) => string | undefined;

const string: Rule = (value, path) => (typeof value === "string" ? undefined : `${path} is no string`);
const integer: Rule = (value, path) => (Number.isSafeInteger(value) ? undefined : `${path} is no whole number`);

const listOf =
  (rule: Rule): Rule =>
  (value, path) => {
    if (!Array.isArray(value)) return `${path} is no list`;
    return first(value.map((element, index) => () => rule(element, `${path}[${index}]`)));
  };

const mapOf =
  (rule: Rule): Rule =>
  (value, path) => {
    if (!isMap(value)) return `${path} is no map`;
    return first(
      Object.entries(value).map(
        ([key, inner]) =>
          () =>
            rule(inner, `${path}.${key}`),
      ),
    );
  };

const structure =
  (members: Readonly<Record<string, Rule>>): Rule =>
  (value, path) => {
    if (!isMap(value)) return `${path || "The body"} is no JSON object`;
    return first(
      Object.entries(value).map(([name, inner]) => () => {
        const rule = Object.hasOwn(members, name) ? members[name] : undefined;
        // A null counts as absent, and SQS ignores what it does not know.
        return inner === null ? undefined : rule?.(inner, path ? `${path}.${name}` : name);
      }),
    );
  };

const attributes = mapOf((value, path) => {
  const members = structure({ DataType: string, StringValue: string, BinaryValue: string });
  return members(value, path) ?? string((value as { DataType?: unknown }).DataType, `${path}.DataType`);
});

const redrivePolicy: Rule = (value, path) => {
  if (value === "") return undefined; // Takes the policy away.
  const { deadLetterTargetArn, maxReceiveCount } = parsed(value);
  const receives = Number(maxReceiveCount);
  const isPolicy = typeof deadLetterTargetArn === "string" && Number.isInteger(receives) && receives >= 1;
  return isPolicy ? undefined : `${path} is no JSON with deadLetterTargetArn and a maxReceiveCount from 1 on`;
};

const queueAttributes: Rule = (value, path) =>
  mapOf(string)(value, path) ?? structure({ RedrivePolicy: redrivePolicy })(value, path);

const queueName: Rule = (value, path) =>
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
} as const satisfies Record<string, Rule>;

/** SQS gives a member the same type in every action that has it. */
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
 * Why SQS would not take a request's body. fauxqs reads it as it comes: a
 * visibility timeout of "abc" would hide a message for good.
 *
 * @returns undefined for a body of the right types.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
export function wrongSqsInput(body: unknown): string | undefined {
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
    return {}; // Has neither member, which is what is then said of it.
  }
}
