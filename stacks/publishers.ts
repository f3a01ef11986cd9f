import type { PipelineOptions } from "./options/pipeline-options";
import { type PolicyStatement, viaService } from "./policy-document";

export type Publishers = Pick<PipelineOptions, "publisherAccounts" | "publisherOrganization" | "publisherServices">;

/** EventBridge cannot publish if the statement has a Condition: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html#eb-no-messages-published-sns */
const SENDS_NO_ACCOUNT = "events.amazonaws.com";

/**
 * Services for which AWS documents the permission to publish to SNS. For KMS, one page covers all of them except
 * EventBridge: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 * @see
 * https://aws.github.io/modern-data-architecture-accelerator/typedocs/functions/_aws-mdaa_cloudwatch-constructs.grantCloudWatchAlarmsTopicAccess.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
 * @see https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html
 */
export const KNOWN_SERVICES: readonly string[] = [
  "budgets.amazonaws.com",
  "cloudwatch.amazonaws.com",
  SENDS_NO_ACCOUNT,
  "events.rds.amazonaws.com",
  "s3.amazonaws.com",
  "ses.amazonaws.com",
];

/** Returns whether a service is in `KNOWN_SERVICES`. In China, its principal may end in `.cn`. */
export function isKnownService(service: string): boolean {
  return KNOWN_SERVICES.includes(service.replace(/\.cn$/, ""));
}

/** Returns whether a service must send `aws:SourceAccount` to SNS and KMS. True for unknown services, too. */
export function sendsSourceAccount(service: string): boolean {
  return service.replace(/\.cn$/, "") !== SENDS_NO_ACCOUNT;
}

type Equals = NonNullable<PolicyStatement["Condition"]>[string];

interface PublisherScope {
  readonly accountId: string;
  readonly topicArn: string;
}

/** Returns the topic policy's statements that let other accounts and AWS services publish. */
export function topicPublisherStatements(
  publishers: Publishers,
  { accountId, topicArn }: PublisherScope,
): PolicyStatement[] {
  // EventBridge can publish only if the statement has no Condition.
  return publisherStatements(publishers, { Action: "sns:Publish", Resource: topicArn }, accountId, {}, {});
}

/** Returns the key policy's statements that let the same publishers use the key, but only for messages to the topic. */
export function keyPublisherStatements(
  publishers: Publishers,
  { accountId, topicArn, region }: PublisherScope & { readonly region: string },
): PolicyStatement[] {
  const use = { Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*" };
  // Without this condition, users and roles could decrypt data directly. Services call KMS without kms:ViaService.
  const viaSns = viaService("sns", region);
  return publisherStatements(publishers, use, accountId, viaSns, {
    "kms:EncryptionContext:aws:sns:topicArn": topicArn,
  });
}

/**
 * @param forIdentities - Condition for users and roles of other accounts.
 * @param withoutAccount - Condition for services that send no `aws:SourceAccount`.
 */
function publisherStatements(
  { publisherAccounts, publisherOrganization, publisherServices = [] }: Publishers,
  allowed: Pick<PolicyStatement, "Action" | "Resource">,
  accountId: string,
  forIdentities: Equals,
  withoutAccount: Equals,
): PolicyStatement[] {
  const allow = (
    Sid: string,
    Principal: NonNullable<PolicyStatement["Principal"]>,
    equals: Equals,
  ): PolicyStatement => ({
    Sid,
    Effect: "Allow",
    Principal,
    ...allowed,
    ...(Object.keys(equals).length > 0 && { Condition: { StringEquals: equals } }),
  });
  const statements: PolicyStatement[] = [];
  if (publisherAccounts) statements.push(allow("OtherAccounts", { AWS: publisherAccounts }, forIdentities));
  if (publisherOrganization !== undefined) {
    const inOrganization = { "aws:PrincipalOrgID": publisherOrganization, ...forIdentities };
    statements.push(allow("Organization", { AWS: "*" }, inOrganization));
  }
  const services = publisherServices.filter(sendsSourceAccount);
  if (services.length > 0) {
    statements.push(allow("Services", { Service: services }, { "aws:SourceAccount": accountId }));
  }
  const others = publisherServices.filter((service) => !sendsSourceAccount(service));
  if (others.length > 0) statements.push(allow("ServicesWithoutAccount", { Service: others }, withoutAccount));
  return statements;
}
