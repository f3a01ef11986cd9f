import type { PipelineOptions } from "./options/pipeline-options";
import { type PolicyStatement, viaService } from "./policy-document";
import { sendsSourceAccount } from "./publisher-services";

export type Publishers = Pick<PipelineOptions, "publisherAccounts" | "publisherOrganization" | "publisherServices">;

type Equals = NonNullable<PolicyStatement["Condition"]>[string];

interface Access {
  /** The pipeline's own account. */
  readonly accountId: string;
  readonly topicArn: string;
}

/**
 * Statements of the topic's policy that let publishers from outside the pipeline's account publish: other accounts, an
 * organization's, and AWS services on behalf of this account.
 */
export function topicPublisherStatements(publishers: Publishers, { accountId, topicArn }: Access): PolicyStatement[] {
  const publish = { Action: "sns:Publish", Resource: topicArn } as const;
  // EventBridge publishes to a topic only where the statement has no Condition.
  return publisherStatements(publishers, publish, { accountId, identities: {}, otherServices: {} });
}

/** Statements of the key's policy that let the same publishers use the key, for messages to the topic alone. */
export function keyPublisherStatements(
  publishers: Publishers,
  { accountId, topicArn, region }: Access & { readonly region: string },
): PolicyStatement[] {
  const use = { Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*" } as const;
  return publisherStatements(publishers, use, {
    accountId,
    // Otherwise they could decrypt by themselves. A service's own request carries no kms:ViaService.
    identities: viaService("sns", region),
    otherServices: { "kms:EncryptionContext:aws:sns:topicArn": topicArn },
  });
}

interface Conditions {
  readonly accountId: string;
  /** What holds for identities of other accounts. */
  readonly identities: Equals;
  /** What holds for services that send no `aws:SourceAccount`. */
  readonly otherServices: Equals;
}

function publisherStatements(
  { publisherAccounts, publisherOrganization, publisherServices = [] }: Publishers,
  allowed: Pick<PolicyStatement, "Action" | "Resource">,
  { accountId, identities, otherServices }: Conditions,
): PolicyStatement[] {
  const services = publisherServices.filter(sendsSourceAccount);
  const servicesWithoutAccount = publisherServices.filter((service) => !sendsSourceAccount(service));
  const allow = (Sid: string, Principal: PolicyStatement["Principal"], equals: Equals): PolicyStatement => ({
    Sid,
    Effect: "Allow",
    ...(Principal && { Principal }),
    ...allowed,
    ...(Object.keys(equals).length > 0 && { Condition: { StringEquals: equals } }),
  });
  return [
    ...(publisherAccounts ? [allow("OtherAccounts", { AWS: publisherAccounts }, identities)] : []),
    ...(publisherOrganization === undefined
      ? []
      : [allow("Organization", { AWS: "*" }, { "aws:PrincipalOrgID": publisherOrganization, ...identities })]),
    ...(services.length > 0 ? [allow("Services", { Service: services }, { "aws:SourceAccount": accountId })] : []),
    ...(servicesWithoutAccount.length > 0
      ? [allow("ServicesWithoutAccount", { Service: servicesWithoutAccount }, otherServices)]
      : []),
  ];
}
