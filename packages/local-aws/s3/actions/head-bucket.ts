import type { HeadBucketOutput, HeadBucketRequest } from "@aws-sdk/client-s3";
import type { Action } from "../../gateway/service";
import { validateDefaults } from "../object-attributes";
import type { S3 } from "../s3";

export const HeadBucket: Action<HeadBucketRequest, HeadBucketOutput, S3> = {
  handles: ["Bucket", "ExpectedBucketOwner"],
  run(input, s3, { region }) {
    validateDefaults(input);
    s3.bucket(input.Bucket);
    return { AccessPointAlias: false, BucketArn: `arn:aws:s3:::${input.Bucket}`, BucketRegion: region };
  },
};
