/**
 * S3's rules for the names of general purpose buckets, with the prefixes and suffixes that it reserves.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const BUCKET_NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)(?!(?:\d+\.){3}\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** A bucket that somebody else made: a name that ends in `-an` belongs to the namespace of an account and region. */
export const EXISTING_BUCKET_NAME = BUCKET_NAME;

/** A bucket that this stack makes in the global namespace. It has no dots: the wildcard of S3's certificate covers none. */
export const NEW_BUCKET_NAME = new RegExp(`(?!^.*-an$)(?=^[^.]+$)${BUCKET_NAME.source}`);

export const NEW_BUCKET_NAME_ALLOWED =
  "3 to 63 lowercase letters, digits and hyphens, no hyphen at either end, no prefix that S3 reserves (xn--, sthree-, amzn-s3-demo-) and no suffix that it reserves (-s3alias, --ol-s3, .mrap, --x-s3, --table-s3, -an)";
