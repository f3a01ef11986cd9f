import type { PutBucketVersioningRequest } from "@aws-sdk/client-s3";
import { NotSupported } from "../../protocols/invalid-input";
import { malformedXml } from "../errors";
import type { S3Action } from "../s3-action";

export const PutBucketVersioning: S3Action<PutBucketVersioningRequest, void> = {
  handles: [
    "Bucket",
    "ChecksumAlgorithm",
    "ContentMD5",
    "ExpectedBucketOwner",
    "VersioningConfiguration.MFADelete",
    "VersioningConfiguration.Status",
  ],
  run(input, s3) {
    const { Status, MFADelete = "Disabled" } = input.VersioningConfiguration ?? {};
    if (Status !== "Enabled" && Status !== "Suspended") throw malformedXml();
    if (MFADelete !== "Disabled") throw new NotSupported(`MFADelete ${MFADelete}`);
    s3.setVersioning(input.Bucket, Status);
  },
};
