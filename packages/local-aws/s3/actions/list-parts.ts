import type { ListPartsOutput, ListPartsRequest } from "@aws-sdk/client-s3";
import { invalidArgument } from "../errors";
import { maxEntries, OWNER } from "../listing";
import type { S3Action } from "../s3-action";
import { checksumSettings, partChecksum } from "../uploads";

export const ListParts: S3Action<ListPartsRequest, ListPartsOutput> = {
  handles: ["Bucket", "ExpectedBucketOwner", "Key", "MaxParts", "PartNumberMarker", "UploadId"],
  run(input, s3) {
    const { Bucket, Key, MaxParts, PartNumberMarker = "0", UploadId } = input;
    const max = maxEntries(MaxParts, "max-parts");
    if (!/^\d{1,10}$/.test(PartNumberMarker)) {
      const message = "Argument partNumberMarker must be an integer between 0 and 2147483647";
      throw invalidArgument("partNumberMarker", PartNumberMarker, message);
    }
    const { stored, parts } = s3.upload(Bucket, Key, UploadId);
    const left = [...parts.values()]
      .filter(({ number }) => number > Number(PartNumberMarker))
      .sort((a, b) => a.number - b.number);
    const page = left.slice(0, max);
    return {
      Bucket,
      Key,
      UploadId,
      Parts: page.map((part) => ({
        PartNumber: part.number,
        ETag: part.etag,
        LastModified: new Date(part.lastModified),
        Size: part.segment.size,
        ...partChecksum(stored.algorithm, part),
      })),
      IsTruncated: left.length > page.length,
      MaxParts: max,
      NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
      PartNumberMarker,
      Initiator: OWNER,
      Owner: OWNER,
      StorageClass: "STANDARD",
      ...checksumSettings(stored),
    };
  },
};
