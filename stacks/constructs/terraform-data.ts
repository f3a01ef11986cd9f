import { TerraformResource, type TerraformResourceConfig } from "cdktf";
import type { Construct } from "constructs";

/** `terraform_data`, for which cdktf's own class runs `terraform version` at synth. */
export class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly input: Readonly<Record<string, string>>,
    lifecycle?: TerraformResourceConfig["lifecycle"],
  ) {
    super(scope, id, { terraformResourceType: "terraform_data", ...(lifecycle && { lifecycle }) });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { input: this.input };
  }
}
