import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { Aspects, Op, TerraformResource, TerraformSelf } from "cdktf";
import { Construct } from "constructs";
import { addBlock, TerraformData } from "../terraform";
import type { BaseProps } from "./shared-props";

/** Types that hold events, or that the provider reads by ARN. In another account or region, such a read fails. */
const GUARDED_TYPES: readonly string[] = [DynamodbTable, KmsKey, S3Bucket, SnsTopic, SqsQueue].map(
  ({ tfResourceType }) => tfResourceType,
);

/**
 * Records the name, account and region of the first apply. A later plan with another name, account or region fails,
 * because it would destroy the resources and recreate them elsewhere. Terraform checks this before it reads or plans
 * resources of the guarded types in `scope`.
 *
 * `terraform destroy` still works: during a destroy, Terraform only warns about the failed check.
 */
export class DeploymentGuard extends Construct {
  constructor(scope: Construct, id: string, { names, addresses, accountId, region }: BaseProps) {
    super(scope, id);
    const name = names.pipeline;
    const address = `terraform_data.${addresses.deployment}`;
    const input = { name, account_id: accountId, region };
    const recorded = {
      name: TerraformSelf.getString("input.name"),
      accountId: TerraformSelf.getString("input.account_id"),
      region: TerraformSelf.getString("input.region"),
    };
    const isSame = [Op.eq(recorded.name, name), Op.eq(recorded.accountId, accountId), Op.eq(recorded.region, region)];
    addBlock(this, TerraformData, "identity", addresses.deployment, {
      input,
      lifecycle: {
        ignoreChanges: ["input"],
        // Only a postcondition can read `self`. If it fails, Terraform does not plan the resources that depend on this
        // one.
        postcondition: [
          {
            condition: isSame.reduce(Op.and),
            errorMessage: `This state holds the pipeline ${recorded.name} in account ${recorded.accountId}, region ${recorded.region}. A plan for ${name} in account ${accountId}, region ${region} would replace it with all its data. Use the name, the credentials and the region of the state's pipeline. To replace it all the same, destroy it first, or for another name alone run: terraform state rm ${address}`,
          },
        ],
      },
    });
    Aspects.of(scope).add({
      visit: (node) => {
        if (!TerraformResource.isTerraformResource(node)) return;
        if (GUARDED_TYPES.includes(node.terraformResourceType)) node.dependsOn = [...(node.dependsOn ?? []), address];
      },
    });
  }
}
