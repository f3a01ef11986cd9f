import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { ACCOUNT_ID } from "../../account";
import type { Action } from "../../gateway/service";

export const GetCallerIdentity: Action<GetCallerIdentityRequest, GetCallerIdentityResponse, undefined> = {
  handles: [],
  differs: "knows callers by their access key, without their secret key",
  run: (_input, _state, { caller: { arn, userId } }) => ({ Account: ACCOUNT_ID, Arn: arn, UserId: userId }),
};
