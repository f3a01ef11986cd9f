import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { indexFault } from "./options/aws-provider-version";

/** Has synth warn of an option that this version of the AWS provider is known to break. */
export function warnOfProvider(
  scope: Construct,
  version: string,
  { eventIdIndex }: { readonly eventIdIndex: boolean },
): void {
  const fault = eventIdIndex ? indexFault(version) : undefined;
  if (fault === undefined) return;
  Annotations.of(scope).addWarning(
    `eventIdIndex is true, and the AWS provider ${version} ${fault.does} (${fault.issue}). Set awsProviderVersion to 6.35.0 or newer, such as 6.66.0.`,
  );
}
