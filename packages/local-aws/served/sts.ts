import type { ServedService } from "./served-service";

export const STS: ServedService = {
  name: "STS",
  signingName: "sts",
  protocol: "query",
  queryVersion: "2011-06-15",
  actions: { GetCallerIdentity: "always the account 000000000000" },
};
