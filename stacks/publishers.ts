import type { PipelineOptions } from "./options/pipeline-options";
import type { PolicyStatement } from "./policy-document";

export type Publishers = Pick<PipelineOptions, "publisherAccounts" | "publisherOrganization" | "publisherServices">;

/**
 * What lets publishers from outside the pipeline's account do `Action`: other
 * accounts, an organization's, and services of AWS on behalf of this account.
 *
 * @param accountId - The pipeline's own.
 */
export function publisherStatements(
  { publisherAccounts, publisherOrganization, publisherServices }: Publishers,
  accountId: string,
  allowed: Pick<PolicyStatement, "Action" | "Resource">,
): PolicyStatement[] {
  const statements: (PolicyStatement | undefined)[] = [
    publisherAccounts && { Sid: "OtherAccounts", Effect: "Allow", Principal: { AWS: publisherAccounts }, ...allowed },
    publisherOrganization === undefined
      ? undefined
      : {
          Sid: "Organization",
          Effect: "Allow",
          Principal: { AWS: "*" },
          ...allowed,
          Condition: { StringEquals: { "aws:PrincipalOrgID": publisherOrganization } },
        },
    publisherServices && {
      Sid: "Services",
      Effect: "Allow",
      Principal: { Service: publisherServices },
      ...allowed,
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
  ];
  return statements.flatMap((statement) => statement ?? []);
}
