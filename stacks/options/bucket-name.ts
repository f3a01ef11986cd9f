/**
 * The naming rules of general purpose buckets, with the prefixes and suffixes that S3 reserves.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const BUCKET_NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)(?!(?:\d+\.){3}\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** A new bucket's name. `-an` is for account regional namespaces, and S3's wildcard certificate covers no name with dots. */
export const NEW_BUCKET_NAME = new RegExp(`(?!^.*-an$)(?=^[^.]+$)${BUCKET_NAME.source}`);

export const NEW_BUCKET_NAME_ALLOWED =
  "3 to 63 lowercase letters, digits and hyphens, no hyphen at either end, no prefix that S3 reserves (xn--, sthree-, amzn-s3-demo-) and no suffix that it reserves (-s3alias, --ol-s3, .mrap, --x-s3, --table-s3, -an)";
