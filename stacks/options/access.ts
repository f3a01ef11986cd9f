import { flag, listOfTexts, textOrToken } from "./kinds";

export const ACCOUNT_IDS = listOfTexts(
  /^\d{12}$/,
  'a list of account ids, each a text of 12 digits, such as ["123456789012"]',
);

const KEY_ARN = /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/;

/** Options of who may do what, and under which key. */
export const ACCESS_SHAPE = {
  /**
   * Key that encrypts topic, queues, table, stream and bucket: `create` makes one, an ARN names one of your own, whose
   * policy must let SNS and the IAM policies of the account use it. The alarm topic is never under it.
   * @default - keys that AWS owns and rotates, at no cost
   */
  kmsKey: textOrToken(
    new RegExp(`^create$|${KEY_ARN.source}`),
    "create, or the ARN of a customer-managed key (arn:aws:kms:…:key/…; a queue under alias/aws/sqs cannot receive from SNS)",
  ).optional(),
  /**
   * ARNs of keys that encrypted the pipeline before. Functions and Firehose may go on using them, so that they can read
   * what is still under them: messages that wait in the queues, and objects in the bucket.
   * @default - none: nothing is left under another key
   */
  formerKmsKeys: listOfTexts(
    KEY_ARN,
    'a list of ARNs of keys, such as ["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]',
  ).optional(),
  /**
   * Whether log groups are under `kmsKey` too. A key that is disabled then takes the logs with it, just when they are
   * needed.
   * @default - false: CloudWatch encrypts logs with a key of its own
   */
  encryptLogs: flag().default(false),
  /**
   * Ids of other accounts whose identities may publish, as far as their own policies go.
   * @default - identities of the pipeline's account alone
   */
  publisherAccounts: ACCOUNT_IDS.optional(),
  /**
   * Id of the organization of AWS whose accounts may publish, in the same way.
   * @default - none
   */
  publisherOrganization: textOrToken(
    /^o-[a-z0-9]{10,32}$/,
    "the id of an organization, such as o-a1b2c3d4e5",
  ).optional(),
  /**
   * AWS services that may publish on behalf of the pipeline's account, such as `s3.amazonaws.com`. Their requests must
   * carry `aws:SourceAccount`; EventBridge, `events.amazonaws.com`, sends none and may publish for any account.
   * @default - none
   */
  publisherServices: listOfTexts(
    /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/,
    'a list of services, such as ["s3.amazonaws.com"]',
  ).optional(),
  /**
   * Path of the names of all roles. Another path replaces the roles.
   * @default - `/`
   */
  rolePath: textOrToken(
    /^(?=.{1,512}$)\/(?:[\w+=,.@-]+\/)*$/,
    "a path that begins and ends with a slash, such as /teams/events/",
  ).optional(),
  /**
   * ARN of the policy beyond which no role of the pipeline may do anything.
   * @default - none
   */
  permissionsBoundary: textOrToken(
    /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    "the ARN of an IAM policy (arn:aws:iam::…:policy/…)",
  ).optional(),
};
