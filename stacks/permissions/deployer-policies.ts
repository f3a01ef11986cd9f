import type { Permission } from "@event-pipeline/event-model/resource-arns";
import { deployData } from "./deploy-data";
import { deployFunctions } from "./deploy-functions";
import { deployKey, planKey } from "./key";
import { plan } from "./plan";
import { deployState, planState } from "./state";

/**
 * What Terraform and its AWS provider call for the stack. The policies of a deploy, which are two because IAM limits the
 * size of one, are added to those of a plan. Credentials are asked for their account (sts:GetCallerIdentity), which needs
 * no permission.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
export const DEPLOYER_POLICIES = {
  plan,
  "deploy-data": deployData,
  "deploy-functions": deployFunctions,
  "plan-key": planKey,
  "deploy-key": deployKey,
  "plan-state": planState,
  "deploy-state": deployState,
} satisfies Readonly<Record<string, readonly Permission[]>>;
