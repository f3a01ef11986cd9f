import type { ServedService } from "./served-service";

export const S3: ServedService = {
  name: "S3",
  signingName: "s3",
  protocol: "rest-xml",
  actions: {
    AbortMultipartUpload: "",
    CompleteMultipartUpload: "",
    CopyObject: "",
    CreateBucket: "",
    CreateMultipartUpload: "",
    DeleteBucket: "",
    DeleteObject: "",
    DeleteObjects: "",
    GetBucketLocation: "",
    GetObject: "one range",
    HeadBucket: "",
    HeadObject: "",
    ListBuckets: "all at once",
    ListObjects: "",
    ListObjectsV2: "",
    PutObject: "at most 11 MiB; more in parts",
    UploadPart: "at most 11 MiB",
    UploadPartCopy: "",
  },
};
