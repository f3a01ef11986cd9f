import * as z from "zod";
import { ofKind } from "./kinds";

/** The first that knows the runtime nodejs24.x; queues' messages of 1 MiB came with 6.8. */
const FIRST = "6.19.0";
const EXACT_VERSION = /^(?:0|[1-9]\d{0,4})(?:\.(?:0|[1-9]\d{0,4})){2}$/;

export const AWS_PROVIDER_VERSION = ofKind(
  z.string().refine((version) => EXACT_VERSION.test(version) && !isOlder(version, FIRST)),
  `an exact version of the provider hashicorp/aws, ${FIRST} or newer, such as 6.66.0: older ones refuse the runtime nodejs24.x`,
  (text) => text,
);

/** What providers, from one version on and before another, do to a table's index that has no sort key. */
const INDEX_FAULTS = [
  {
    // The fix was merged for 6.28; https://github.com/hashicorp/terraform-provider-aws/issues/46281 still saw it there.
    since: "6.17.0",
    before: "6.29.0",
    does: "plans the same change of the index again after every apply",
    issue: "https://github.com/hashicorp/terraform-provider-aws/issues/44692",
  },
  {
    since: "6.30.0",
    before: "6.35.0",
    does: "refuses an index without a sort key",
    issue: "https://github.com/hashicorp/terraform-provider-aws/issues/46755",
  },
] as const;

/** What this version of the provider does wrong with `eventIdIndex`; undefined when nothing is known. */
export function indexFault(version: string): { readonly does: string; readonly issue: string } | undefined {
  return INDEX_FAULTS.find(({ since, before }) => !isOlder(version, since) && isOlder(version, before));
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}
