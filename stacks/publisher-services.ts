import { Annotations, Token } from "cdktf";
import type { Construct } from "constructs";

interface PublisherService {
  /** Whether its requests to SNS and to KMS carry `aws:SourceAccount`, the account that it publishes for. */
  readonly sendsSourceAccount: boolean;
  readonly source: string;
}

/**
 * What AWS documents about services that publish to a topic. For the key, one page speaks for all of them but
 * EventBridge: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
const PUBLISHER_SERVICES: Readonly<Record<string, PublisherService>> = {
  "budgets.amazonaws.com": {
    sendsSourceAccount: true,
    source: "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html",
  },
  "cloudwatch.amazonaws.com": {
    sendsSourceAccount: true,
    source:
      "https://aws.github.io/modern-data-architecture-accelerator/typedocs/functions/_aws-mdaa_cloudwatch-constructs.grantCloudWatchAlarmsTopicAccess.html",
  },
  "events.amazonaws.com": {
    sendsSourceAccount: false,
    source:
      "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html#eb-no-messages-published-sns",
  },
  "events.rds.amazonaws.com": {
    sendsSourceAccount: true,
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html",
  },
  "s3.amazonaws.com": {
    sendsSourceAccount: true,
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
  },
  "ses.amazonaws.com": {
    sendsSourceAccount: true,
    source: "https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html",
  },
};

/** Whether a service says for which account it publishes; one that is not in the table has to. */
export function sendsSourceAccount(service: string): boolean {
  return known(service)?.sendsSourceAccount ?? true;
}

/** Has synth warn of services whose events may never arrive, because nothing is known about them. */
export function warnOfUnknownServices(scope: Construct, services: readonly string[] = []): void {
  for (const service of services) {
    if (Token.isUnresolved(service) || known(service)) continue;
    Annotations.of(scope).addWarning(
      `publisherServices contains ${service}. It can publish only if its requests carry aws:SourceAccount, which the policies of topic and key require; known services are ${Object.keys(PUBLISHER_SERVICES).join(", ")}. Publish a test event and look for it in the table before you rely on it.`,
    );
  }
}

/** Principals of services are the same in China, or end in `.cn` there. */
function known(service: string): PublisherService | undefined {
  return PUBLISHER_SERVICES[service.replace(/\.cn$/, "")];
}
