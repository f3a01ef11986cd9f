import * as z from "zod";
import { defineOption } from "./option-schemas";

/** The first version that supports the runtime nodejs24.x. */
const MIN_VERSION = "6.19.0";
const EXACT_VERSION = /^(?:0|[1-9]\d{0,4})(?:\.(?:0|[1-9]\d{0,4})){2}$/;

export const AWS_PROVIDER_VERSION = defineOption(
  z.string().refine((version) => EXACT_VERSION.test(version) && !isOlder(version, MIN_VERSION)),
  `an exact version of the hashicorp/aws provider, ${MIN_VERSION} or newer, such as 6.66.0; older versions reject the runtime nodejs24.x`,
  (text) => text,
);

/** Bugs in provider versions that affect a global secondary index without a sort key. */
const INDEX_BUGS = [
  {
    // The fix was released in 6.28, but https://github.com/hashicorp/terraform-provider-aws/issues/46281 reports the
    // bug there, too.
    since: "6.17.0",
    before: "6.29.0",
    effect: "plans the same index change again after every apply",
    issue: "https://github.com/hashicorp/terraform-provider-aws/issues/44692",
  },
  {
    since: "6.30.0",
    before: "6.35.0",
    effect: "rejects an index without a sort key",
    issue: "https://github.com/hashicorp/terraform-provider-aws/issues/46755",
  },
] as const;

/** Returns the known bug that affects `eventIdIndex` in a provider version; undefined if there is none. */
export function indexBug(version: string): (typeof INDEX_BUGS)[number] | undefined {
  return INDEX_BUGS.find(({ since, before }) => !isOlder(version, since) && isOlder(version, before));
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}
