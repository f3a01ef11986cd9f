/** Of the codes that fauxqs and the actions beside it have, those that SQS writes after its service's name. */
const AFTER_THE_SERVICE = [
  "BatchEntryIdsNotDistinct",
  "BatchRequestTooLong",
  "EmptyBatchRequest",
  "InvalidBatchEntryId",
  "MessageNotInflight",
  "NonExistentQueue",
  "TooManyEntriesInBatchRequest",
  "UnsupportedOperation",
];

const HEADER = "x-amzn-query-error";
const SERVICE = "AWS.SimpleQueueService.";

interface Reply {
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
}

/** The part of fauxqs's Fastify that is used here. */
interface App {
  addHook(name: "onSend", hook: (request: unknown, reply: Reply) => Promise<void>): unknown;
}

/**
 * Gives SQS's errors the codes by which clients know them, such as
 * `InvalidParameterValue`: fauxqs writes the service's name before all of them.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
export function nameErrors(app: App): void {
  app.addHook("onSend", async (_request, reply) => {
    const code = String(reply.getHeader(HEADER) ?? "");
    if (!code.startsWith(SERVICE)) return;
    const [name = "", fault] = code.slice(SERVICE.length).split(";");
    if (!AFTER_THE_SERVICE.includes(name)) reply.header(HEADER, `${name};${fault}`);
  });
}
