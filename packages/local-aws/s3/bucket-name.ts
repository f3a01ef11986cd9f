import { AwsError } from "../protocols/aws-error";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME = /^[a-z\d](?:[a-z\d]|[-.](?!\.)){1,61}[a-z\d]$/;
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
const RESERVED = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3|-an)$/;

/** @throws AwsError when S3 does not allow the name. */
export function validateBucketName(name: string): void {
  if (NAME.test(name) && !IP_ADDRESS.test(name) && !RESERVED.test(name)) return;
  throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName: name });
}
