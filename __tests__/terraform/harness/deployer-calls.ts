import type { SdkRequest } from "@event-pipeline/testing/faulty-proxy";
import { deniedCalls, grantsOf, type PlaceholderValues, uncalled } from "@event-pipeline/testing/grants";
import { type RecordedCall, recordedCalls } from "@event-pipeline/testing/recorded-call";
import { NAME } from "./environment";

/** The role whose policies a Terraform command needs: a plan changes nothing. */
export type Deployer = "plan" | "deploy";

const ACCOUNT = "123456789012";
export const STATE_BUCKET = "terraform-test-state";
const PLACE = {
  "{name}": NAME,
  "{subscriber}": "alerts",
  "{stage}": "test",
  REGION: "us-east-1",
  ACCOUNT,
  KEY_ID: "*",
  STATE_BUCKET,
};

const PLAN: readonly string[] = ["plan", "plan-key", "plan-state"];
const POLICIES: Readonly<Record<Deployer, readonly string[]>> = {
  plan: PLAN,
  deploy: [...PLAN, "deploy-data", "deploy-functions", "deploy-key", "deploy-state"],
};

/** Terraform's calls of AWS, by the role whose policies they need. */
export class DeployerCalls {
  private readonly calls: Record<Deployer, RecordedCall[]> = { plan: [], deploy: [] };

  /** @param changed - Replacements for parts of ARNs in the policies, for rolePath and rawBucketName. */
  constructor(private readonly changed: PlaceholderValues = {}) {}

  add(deployer: Deployer, request: SdkRequest): void {
    this.calls[deployer].push(...recordedCalls(request, ACCOUNT));
  }

  /** Calls that the policies of docs/permissions.md do not allow. */
  get denied(): string[] {
    return (["plan", "deploy"] as const).flatMap((deployer) =>
      deniedCalls(this.calls[deployer], [
        ...grantsOf(POLICIES[deployer], PLACE),
        ...grantsOf(POLICIES[deployer], { ...this.changed, ...PLACE }),
      ]).map((call) => `${deployer}: ${call}`),
    );
  }

  /** Actions of the policies that were not called on any resource that they allow. */
  uncalled(policies: readonly string[]): string[] {
    const called = [...this.calls.plan, ...this.calls.deploy];
    return actionsOf(policies).filter((action) => {
      const granted = grantsOf(policies, PLACE).filter((grant) => grant.action === action);
      return uncalled(granted, called).length === granted.length;
    });
  }
}

/** Returns sorted values without duplicates. */
export function actionsOf(policies: readonly string[]): string[] {
  return [...new Set(grantsOf(policies, PLACE).map(({ action }) => action))].sort();
}
