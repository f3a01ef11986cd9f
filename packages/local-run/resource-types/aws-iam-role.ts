import type { ResourceType } from "./resource-type";

/** Referred to, but nobody's permissions are checked here. */
export const awsIamRole: ResourceType = {
  computed: (block, { accountId }) => {
    const name = String(block.get("name"));
    return { arn: `arn:aws:iam::${accountId}:role/${name}`, id: name };
  },
  isRun: () => false,
};
