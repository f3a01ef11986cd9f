import type { HeadObjectOutput, HeadObjectRequest } from "@aws-sdk/client-s3";
import type { Action } from "../../gateway/service";
import { READ_MEMBERS, readObject } from "../read-object";
import type { S3 } from "../s3";

export const HeadObject: Action<HeadObjectRequest, HeadObjectOutput, S3> = {
  handles: READ_MEMBERS,
  run: (input, s3) => readObject(s3, input).output,
};
