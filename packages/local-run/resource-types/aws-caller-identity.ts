import type { ResourceType } from "./resource-type";

export const awsCallerIdentity: ResourceType = {
  computed: (_block, { accountId }) => ({ account_id: accountId }),
};
