import type { GetBucketLocationOutput, GetBucketLocationRequest } from "@aws-sdk/client-s3";
import type { S3Action } from "../s3-action";

export const GetBucketLocation: S3Action<GetBucketLocationRequest, GetBucketLocationOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run(input, s3, { region }) {
    s3.bucket(input.Bucket);
    // S3 names no location for us-east-1.
    if (region === "us-east-1") return {};
    return { LocationConstraint: region as NonNullable<GetBucketLocationOutput["LocationConstraint"]> };
  },
};
