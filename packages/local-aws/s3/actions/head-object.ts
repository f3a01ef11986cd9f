import type { HeadObjectOutput, HeadObjectRequest } from "@aws-sdk/client-s3";
import { READ_MEMBERS, readObject } from "../read-object";
import type { S3Action } from "../s3-action";

export const HeadObject: S3Action<HeadObjectRequest, HeadObjectOutput> = {
  handles: READ_MEMBERS,
  run: (input, s3) => readObject(s3, input).output,
};
