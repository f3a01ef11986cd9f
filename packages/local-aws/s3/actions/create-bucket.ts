import type { CreateBucketOutput, CreateBucketRequest } from "@aws-sdk/client-s3";
import { AwsError } from "../../protocols/aws-error";
import { NotSupported } from "../../protocols/invalid-input";
import type { S3Action } from "../s3-action";

export const CreateBucket: S3Action<CreateBucketRequest, CreateBucketOutput> = {
  handles: [
    "ACL",
    "Bucket",
    "CreateBucketConfiguration.LocationConstraint",
    "ObjectLockEnabledForBucket",
    "ObjectOwnership",
  ],
  differs: "creates buckets in the run's region only",
  run(input, s3, { region }) {
    const { Bucket, CreateBucketConfiguration, ObjectLockEnabledForBucket } = input;
    if (ObjectLockEnabledForBucket) throw new NotSupported("ObjectLockEnabledForBucket");
    const { LocationConstraint } = CreateBucketConfiguration ?? {};
    if ((LocationConstraint ?? "us-east-1") !== region) {
      const message = `The ${LocationConstraint ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`;
      throw new AwsError("IllegalLocationConstraintException", message);
    }
    s3.createBucket(Bucket);
    return { Location: `/${Bucket}` };
  },
};
