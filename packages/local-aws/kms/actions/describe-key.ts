import type { DescribeKeyRequest, DescribeKeyResponse } from "@aws-sdk/client-kms";
import type { Action } from "../../gateway/service";
import type { Kms } from "../kms";

export const DescribeKey: Action<DescribeKeyRequest, DescribeKeyResponse, Kms> = {
  handles: ["KeyId"],
  differs: "finds keys by ID or ARN, because there are no aliases",
  run: ({ KeyId }, kms) => ({ KeyMetadata: kms.describe(kms.key(KeyId)) as never }),
};
