import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { AbortMultipartUpload } from "./actions/abort-multipart-upload";
import { CompleteMultipartUpload } from "./actions/complete-multipart-upload";
import { CopyObject } from "./actions/copy-object";
import { CreateBucket } from "./actions/create-bucket";
import { CreateMultipartUpload } from "./actions/create-multipart-upload";
import { DeleteBucket } from "./actions/delete-bucket";
import { DeleteObject } from "./actions/delete-object";
import { DeleteObjects } from "./actions/delete-objects";
import { GetBucketLocation } from "./actions/get-bucket-location";
import { GetBucketVersioning } from "./actions/get-bucket-versioning";
import { GetObject } from "./actions/get-object";
import { HeadBucket } from "./actions/head-bucket";
import { HeadObject } from "./actions/head-object";
import { ListBuckets } from "./actions/list-buckets";
import { ListMultipartUploads } from "./actions/list-multipart-uploads";
import { ListObjectVersions } from "./actions/list-object-versions";
import { ListObjects } from "./actions/list-objects";
import { ListObjectsV2 } from "./actions/list-objects-v2";
import { ListParts } from "./actions/list-parts";
import { PutBucketVersioning } from "./actions/put-bucket-versioning";
import { PutObject } from "./actions/put-object";
import { UploadPart } from "./actions/upload-part";
import { UploadPartCopy } from "./actions/upload-part-copy";
import { CHECKSUM_MEMBERS } from "./checksums";
import { malformedXml } from "./errors";
import { IncomingBody } from "./incoming-body";
import { validateDefaults } from "./object-attributes";
import type { S3 as State } from "./s3";

const CHECKSUM_HEADERS = CHECKSUM_MEMBERS.map((name) => name.replace("Checksum", "x-amz-checksum-").toLowerCase());

/** Adds the validation of the members that many inputs have. */
function validated(actions: ServiceDefinition<State>["actions"]): ServiceDefinition<State>["actions"] {
  const entries = Object.entries(actions).map(([name, action]) => {
    const run: typeof action.run = (input, s3, context) => {
      validateDefaults(input);
      return action.run(input, s3, context);
    };
    return [name, { ...action, run }] as const;
  });
  return Object.fromEntries(entries);
}

export const S3: ServiceDefinition<State> = {
  name: "S3",
  schemas: schemasOf("s3"),
  signingName: "s3",
  protocols: ["rest-xml"],
  xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
  // 10,000 parts with a checksum each, or 1,000 keys in references to characters.
  maxBodyBytes: 8 * 1024 * 1024,
  unparsableCode: "MalformedXML",
  tooLargeCode: "MaxMessageLengthExceeded",
  invalidInput: ({ kind, path, message }) =>
    kind === "missing" && path.includes(".") ? malformedXml() : new AwsError("InvalidArgument", message),
  // The checksum in the headers of CompleteMultipartUpload is the object's.
  openBody: (message, operation) => new IncomingBody(message, operation !== "CompleteMultipartUpload"),
  ignoredParameters: {
    "x-amz-te": "Asks for a checksum after the response's body, which S3 may leave out.",
    "x-amz-decoded-content-length": "Belongs to the body's transfer format, which is decoded.",
    "x-amz-trailer": "Names the checksum after the body, which is verified.",
    "x-amz-sdk-checksum-algorithm": "Names the body's checksum, which is verified.",
    ...Object.fromEntries(CHECKSUM_HEADERS.map((name) => [name, "The checksum of the body is verified."])),
    awsaccesskeyid: "Part of a presigned URL of signature version 2.",
    signature: "Part of a presigned URL of signature version 2.",
    expires: "Part of a presigned URL of signature version 2.",
  },
  actions: validated({
    AbortMultipartUpload,
    CompleteMultipartUpload,
    CopyObject,
    CreateBucket,
    CreateMultipartUpload,
    DeleteBucket,
    DeleteObject,
    DeleteObjects,
    GetBucketLocation,
    GetBucketVersioning,
    GetObject,
    HeadBucket,
    HeadObject,
    ListBuckets,
    ListMultipartUploads,
    ListObjectVersions,
    ListObjects,
    ListObjectsV2,
    ListParts,
    PutBucketVersioning,
    PutObject,
    UploadPart,
    UploadPartCopy,
  }),
};
